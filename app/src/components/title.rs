//! The document's title.

use leptos::prelude::*;
use leptos_meta::Title;

/// Names the page.
#[component]
pub(crate) fn PageTitle(#[prop(into)] text: Signal<String>) -> impl IntoView {
    view! { <Title text=move || text.with(|text| document_title(text))/> }
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
