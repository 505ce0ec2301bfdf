//! Cookies: the login session, and the way back of a refused form.

use http::request::Parts;
use http::{HeaderMap, HeaderValue, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use engine::Login;

use super::Settings;

/// The cookie of a login session.
pub const SESSION_COOKIE: &str = "openclawssy_session";
/// The cookie that leads a refused form back to its page.
pub const NOTE_COOKIE: &str = "openclawssy_note";
/// The path of a cookie that every page gets.
const EVERYWHERE: &str = "/";

/// The token of the login session that a request carries.
pub fn session_token(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, SESSION_COOKIE)
}

/// The token of the login session that this request carries.
pub(crate) fn own_token() -> Option<String> {
    let parts = use_context::<Parts>()?;
    session_token(&parts.headers).map(str::to_owned)
}

/// Keeps the person signed in.
pub(crate) fn remember(login: &Login) {
    set_cookie(SESSION_COOKIE, &login.token, EVERYWHERE, login.max_age_seconds);
}

/// Ends the login session on the browser's side.
pub(crate) fn forget() {
    set_cookie(SESSION_COOKIE, "", EVERYWHERE, Some(0));
}

pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, value)| (key.trim(), value.trim())).find(|(key, _)| *key == name).map(|p| p.1)
}

pub(super) fn set_cookie(name: &str, value: &str, path: &str, age: Option<u64>) {
    // A path out of a URL must not add attributes of its own.
    let path = if path.contains(';') { EVERYWHERE } else { path };
    let mut text = format!("{name}={value}; Path={path}; HttpOnly; SameSite=Lax");
    if let Some(age) = age {
        text.push_str(&format!("; Max-Age={age}"));
    }
    if use_context::<Settings>().is_some_and(|settings| settings.secure_cookies) {
        text.push_str("; Secure");
    }
    let response = use_context::<ResponseOptions>();
    if let (Some(response), Ok(value)) = (response, HeaderValue::from_str(&text)) {
        response.append_header(header::SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        headers
            .append(header::COOKIE, HeaderValue::from_static("a=b; openclawssy_session=t0k=; c"));
        assert_eq!(session_token(&headers), Some("t0k="));
        assert_eq!(cookie(&headers, "session"), None);
    }
}
