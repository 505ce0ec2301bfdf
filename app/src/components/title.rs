//! The document's title.

use leptos::prelude::*;
use leptos_meta::Title;

/// Names the page. A mere text: the title outlives its page for a moment on the
/// way back and forth, so it must not read from a signal of that page.
#[component]
pub(crate) fn PageTitle(#[prop(into)] text: String) -> impl IntoView {
    view! { <Title text=document_title(&text)/> }
}

// The title is put into the document as it is, without escaping, and a session
// is named by what was typed.
fn document_title(text: &str) -> String {
    format!("{} · Openclawssy", text.replace('<', "‹").replace('&', "＆"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_opens_no_element_and_no_entity() {
        let title = document_title("</title><script>&lt;");
        assert!(!title.contains('<') && !title.contains('&'), "{title}");
    }
}
