//! What is asked next, when an answer leads on. After the Fetch standard,
//! <https://fetch.spec.whatwg.org/#http-redirect-fetch>.

use http::header::{
    ACCEPT, ACCEPT_LANGUAGE, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LOCATION, CONTENT_TYPE,
    LOCATION, RANGE, USER_AGENT,
};
use http::{HeaderMap, HeaderName, Method, StatusCode};

use crate::{Body, Error, Request, Secrecy, Target};

/// Headers of the body, which go with it.
const OF_THE_BODY: [HeaderName; 4] =
    [CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LOCATION, CONTENT_TYPE];

/// The headers that another origin gets to see. A header that is not known may
/// be somebody's key.
const FOR_OTHERS: [HeaderName; 8] = [
    ACCEPT,
    ACCEPT_LANGUAGE,
    USER_AGENT,
    RANGE,
    CONTENT_ENCODING,
    CONTENT_LANGUAGE,
    CONTENT_LOCATION,
    CONTENT_TYPE,
];

/// Where an answer leads; `None` where it is an end.
pub(crate) fn target(
    from: &Target,
    status: StatusCode,
    headers: &HeaderMap,
) -> Result<Option<Target>, Error> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = headers.get(LOCATION) else { return Ok(None) };
    let text = std::str::from_utf8(location.as_bytes())
        .map_err(|_| Error::NoAddress("it is not text".to_owned()));
    let target = text.and_then(|text| from.join(text));
    target.map(Some).map_err(|error| Error::Redirect(Box::new(error)))
}

/// Makes a request the one that is sent there.
pub(crate) fn follow(request: &mut Request, status: StatusCode, to: Target) -> Result<(), Error> {
    let becomes_get = match status.as_u16() {
        301 | 302 => request.method == Method::POST,
        303 => request.method != Method::GET && request.method != Method::HEAD,
        _ => false,
    };
    if becomes_get {
        request.method = Method::GET;
        request.body = Body::default();
        for name in OF_THE_BODY {
            request.headers.remove(name);
        }
    }
    if !request.target.is_beside(&to) {
        if request.body.secrecy == Secrecy::Secret {
            return Err(Error::SecretElsewhere(to.host().to_string()));
        }
        let kept = std::mem::take(&mut request.headers).into_iter();
        let mut last = None;
        for (name, value) in kept {
            // A name stands only before the first of its values.
            last = name.or(last);
            if let Some(name) = last.as_ref().filter(|name| FOR_OTHERS.contains(name))
                && !value.is_sensitive()
            {
                request.headers.append(name, value);
            }
        }
    }
    request.target = to;
    Ok(())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::{AUTHORIZATION, COOKIE};

    use super::*;

    fn request(method: Method) -> Request {
        let mut request = Request::get(Target::parse("https://a.test/x/y?z").unwrap());
        request.method = method;
        request.body.bytes = "body".into();
        for name in [ACCEPT, CONTENT_TYPE, AUTHORIZATION, COOKIE] {
            request.headers.append(name, HeaderValue::from_static("v"));
        }
        let mut secret = HeaderValue::from_static("key");
        secret.set_sensitive(true);
        request.headers.append(ACCEPT, secret);
        request.headers.append("x-api-key", HeaderValue::from_static("key"));
        request
    }

    fn followed(method: Method, status: u16, to: &str) -> Request {
        let mut request = request(method);
        let headers = HeaderMap::from_iter([(LOCATION, HeaderValue::from_str(to).unwrap())]);
        let status = StatusCode::from_u16(status).unwrap();
        let to = target(&request.target, status, &headers).unwrap().unwrap();
        follow(&mut request, status, to).unwrap();
        request
    }

    #[test]
    fn method_and_body_follow_the_standard() {
        for (method, status, wanted, body) in [
            (Method::POST, 301, Method::GET, ""),
            (Method::POST, 302, Method::GET, ""),
            (Method::PUT, 302, Method::PUT, "body"),
            (Method::PUT, 303, Method::GET, ""),
            (Method::HEAD, 303, Method::HEAD, "body"),
            (Method::POST, 307, Method::POST, "body"),
            (Method::POST, 308, Method::POST, "body"),
        ] {
            let next = followed(method.clone(), status, "/z");
            assert_eq!((&next.method, &*next.body.bytes), (&wanted, body.as_bytes()));
            assert_eq!(next.headers.contains_key(CONTENT_TYPE), !body.is_empty());
            assert_eq!(next.target.as_str(), "https://a.test/z", "{method} {status}");
        }
    }

    #[test]
    fn another_origin_gets_no_credentials() {
        for to in ["http://a.test/", "https://a.test:444/", "https://b.test/", "//b.test/"] {
            let next = followed(Method::GET, 302, to);
            let names: Vec<_> = next.headers.iter().collect();
            let v = &HeaderValue::from_static("v");
            assert_eq!(names, [(&ACCEPT, v), (&CONTENT_TYPE, v)], "{to}");
        }
        assert_eq!(followed(Method::GET, 302, "../q").headers.len(), 6);
    }

    #[test]
    fn a_secret_in_a_body_stays_with_its_origin() {
        let mut request = request(Method::POST);
        request.body.secrecy = Secrecy::Secret;
        let to = Target::parse("https://b.test/").unwrap();
        let refused = follow(&mut request, StatusCode::TEMPORARY_REDIRECT, to.clone());
        assert_eq!(refused, Err(Error::SecretElsewhere("b.test".to_owned())));
        follow(&mut request, StatusCode::SEE_OTHER, to).unwrap();
        assert!(request.body.bytes.is_empty());
    }

    #[test]
    fn what_leads_nowhere_is_an_end_or_refused() {
        let from = Target::parse("https://a.test/").unwrap();
        let lead = |status: u16, to: &[u8]| {
            let value = HeaderValue::from_bytes(to).unwrap();
            let headers = HeaderMap::from_iter([(LOCATION, value)]);
            target(&from, StatusCode::from_u16(status).unwrap(), &headers)
        };
        for status in [200, 201, 300, 304, 305] {
            assert_eq!(lead(status, b"/x"), Ok(None));
        }
        assert_eq!(target(&from, StatusCode::FOUND, &HeaderMap::new()), Ok(None));
        for to in [&b"file:///etc/passwd"[..], b"http://u@b.test/", b"http://[::1", b"\xff"] {
            assert!(matches!(lead(302, to), Err(Error::Redirect(_))), "{to:?}");
        }
    }
}
