//! The pictures that go with the next message: chosen, pasted or dropped, shown
//! small, and kept until the message was taken.

use domain::{MAX_PICTURE_BYTES, MAX_PICTURES, PictureKind, PictureUpload};
use leptos::prelude::*;
use web_sys::{Event, File, FileList, HtmlInputElement};

use crate::components::{Icon, icon};
use crate::live::read_file;

/// The pictures for the next message.
#[derive(Clone, Copy)]
pub(super) struct Chosen {
    list: RwSignal<Vec<Picked>>,
    /// What is wrong with what was chosen last.
    trouble: RwSignal<Option<String>>,
    last: StoredValue<u32>,
}

/// One of them.
#[derive(Clone, PartialEq)]
struct Picked {
    key: u32,
    name: String,
    /// A URL that holds it, once it is read.
    url: Option<String>,
}

impl Chosen {
    pub(super) fn new() -> Self {
        Self {
            list: RwSignal::default(),
            trouble: RwSignal::default(),
            last: StoredValue::default(),
        }
    }

    /// Whether some are still being read.
    pub(super) fn is_reading(self) -> bool {
        self.list.with(|list| list.iter().any(|picked| picked.url.is_none()))
    }

    /// What is sent.
    pub(super) fn uploads(self) -> Vec<PictureUpload> {
        let one = |Picked { name, url, .. }| Some(PictureUpload { name, url: url? });
        self.list.get_untracked().into_iter().filter_map(one).collect()
    }

    pub(super) fn clear(self) {
        self.list.set(Vec::new());
        self.trouble.set(None);
    }

    /// Takes in files, as many as a message may have.
    pub(super) fn take(self, files: &FileList) {
        self.trouble.set(None);
        for file in (0..files.length()).filter_map(|n| files.get(n)) {
            if let Err(sentence) = self.take_one(&file) {
                self.trouble.set(Some(sentence));
            }
        }
    }

    fn take_one(self, file: &File) -> Result<(), String> {
        let name = file.name();
        if file.type_().parse::<PictureKind>().is_err() {
            return Err(format!("{name} is no picture in PNG, JPEG, WebP or GIF."));
        }
        if file.size() > MAX_PICTURE_BYTES as f64 {
            return Err(format!("{name} is larger than 5 MiB."));
        }
        if self.list.with_untracked(Vec::len) == MAX_PICTURES {
            return Err(format!("A message has at most {MAX_PICTURES} pictures."));
        }
        let key = self.last.try_update_value(|last| {
            *last += 1;
            *last
        });
        let key = key.unwrap_or_default();
        self.list.update(|list| list.push(Picked { key, name, url: None }));
        read_file(file, move |url| match url {
            Some(url) => self.list.update(|list| {
                if let Some(picked) = list.iter_mut().find(|picked| picked.key == key) {
                    picked.url = Some(url);
                }
            }),
            None => {
                self.remove(key);
                self.trouble.set(Some("The file could not be read.".to_owned()));
            }
        });
        Ok(())
    }

    fn remove(self, key: u32) {
        self.list.update(|list| list.retain(|picked| picked.key != key));
    }
}

/// Small pictures above the buttons, and what was wrong with others.
#[component]
pub(super) fn Thumbnails(chosen: Chosen) -> impl IntoView {
    let one = move |picked: Picked| {
        let Picked { key, name, url } = picked;
        let remove = format!("Remove {name}");
        view! {
            <li>
                {url.map(|url| view! { <img src=url alt=name.clone()/> })}
                <button
                    class="btn btn-sm"
                    type="button"
                    title=remove
                    on:click=move |_| chosen.remove(key)
                >
                    <span aria-hidden="true">"×"</span>
                    <span class="vh">{remove.clone()}</span>
                </button>
            </li>
        }
    };
    view! {
        {move || chosen.list.with(|list| !list.is_empty()).then(|| view! {
            <ul class="chosen" aria-label="Pictures for this message">
                <For
                    each=move || chosen.list.get()
                    key=|picked| (picked.key, picked.url.is_some())
                    children=one
                />
            </ul>
        })}
        {move || chosen.trouble.get().map(|sentence| view! {
            <p class="err" role="alert">{sentence}</p>
        })}
    }
}

/// The button that chooses files. Without scripts it is the browser's own field,
/// which says itself what was chosen.
#[component]
pub(super) fn PicturesField(chosen: Chosen) -> impl IntoView {
    let kinds = PictureKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(",");
    let change = move |event: Event| {
        let field: HtmlInputElement = event_target(&event);
        if let Some(files) = field.files() {
            chosen.take(&files);
        }
        // They are in the list now; the same file may be chosen again.
        field.set_value("");
    };
    view! {
        <span class="files">
            <input id="picture" name="picture" type="file" accept=kinds multiple on:change=change/>
            <label class="btn btn-icon btn-sm" for="picture" title="Add pictures">
                {icon(Icon::Picture)}
                <span class="vh">"Add pictures"</span>
            </label>
        </span>
    }
}
