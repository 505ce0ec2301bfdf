//! Pictures that were sent with a message.

use domain::PictureView;
use leptos::prelude::*;

use crate::routes;

/// The pictures, small; each opens as it is.
#[component]
pub(crate) fn Pictures(pictures: Vec<PictureView>) -> impl IntoView {
    let one = |picture: PictureView| {
        let href = routes::picture(picture.id);
        view! {
            <li>
                <a href=href target="_blank" rel="external">
                    <img
                        src=href.clone()
                        alt=picture.alt()
                        width=picture.width
                        height=picture.height
                        loading="lazy"
                    />
                </a>
            </li>
        }
    };
    (!pictures.is_empty()).then(|| {
        view! { <ul class="pictures">{pictures.into_iter().map(one).collect_view()}</ul> }
    })
}
