//! What starts the browser's half of the page.

use leptos::nonce::use_nonce;
use leptos::prelude::*;

/// Loads the program of the page and lets it take over.
///
/// In the place of Leptos' own `HydrationScripts`: that preloads both files with
/// links, of which our policy refuses the module's for want of a nonce, and a
/// browser without scripts loads the other for nothing. Here the script itself
/// asks for both at once.
#[component]
pub(super) fn Hydration(options: LeptosOptions) -> impl IntoView {
    let hashes = if options.hash_files { read_hashes(&options) } else { String::new() };
    let name = &options.output_name;
    let path = |kind: &str| {
        let name = match hash_of(&hashes, kind) {
            Some(hash) => format!("{name}.{hash}.{kind}"),
            None => format!("{name}.{kind}"),
        };
        format!("/{}/{name}", options.site_pkg_dir)
    };
    let (module, binary) = (path("js"), path("wasm"));
    let script = format!(
        "const binary = fetch({binary:?}); \
         const {{ default: load, hydrate }} = await import({module:?}); \
         await load({{ module_or_path: binary }}); hydrate();"
    );
    view! { <script type="module" nonce=use_nonce() inner_html=script></script> }
}

// Beside the program, where the build puts it. Without it no page becomes live,
// but each still works.
fn read_hashes(options: &LeptosOptions) -> String {
    let file = std::env::current_exe().map(|program| program.with_file_name(&*options.hash_file));
    file.and_then(std::fs::read_to_string).unwrap_or_default()
}

fn hash_of<'a>(hashes: &'a str, kind: &str) -> Option<&'a str> {
    let mut lines = hashes.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(key, _)| key.trim() == kind).map(|(_, hash)| hash.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_file_has_its_hash() {
        let hashes = "js: 36xoP_b9\nwasm: nXFWJTbN\n";
        assert_eq!(hash_of(hashes, "js"), Some("36xoP_b9"));
        assert_eq!(hash_of(hashes, "wasm"), Some("nXFWJTbN"));
        assert_eq!(hash_of(hashes, "css"), None);
    }
}
