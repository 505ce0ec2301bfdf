//! How long a provider asks to wait.

use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};
use serde_json::Value;

/// The longest wait that a provider can ask for, in seconds: a week.
const MOST: f64 = 7.0 * 24.0 * 3600.0;

/// OpenAI's and Anthropic's finer form of `Retry-After`, in milliseconds.
const RETRY_AFTER_MS: HeaderName = HeaderName::from_static("retry-after-ms");

/// The wait that the headers of a refusal ask for. A date is read against the
/// date of the response itself, so that no clock of ours has to be right.
pub(super) fn in_headers(headers: &HeaderMap) -> Option<Duration> {
    let header = |name: &HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let number = |name: &HeaderName| header(name)?.parse::<f64>().ok();
    let date = |name: &HeaderName| httpdate::parse_http_date(header(name)?).ok();
    number(&RETRY_AFTER_MS)
        .and_then(|ms| bounded(ms / 1000.0))
        .or_else(|| bounded(number(&RETRY_AFTER)?))
        .or_else(|| {
            // A date that is past already asks for no wait.
            let wait = date(&RETRY_AFTER)?.duration_since(date(&DATE)?).unwrap_or_default();
            bounded(wait.as_secs_f64())
        })
}

/// The wait that Google's APIs put into the error, as `"retryDelay": "34.5s"`
/// (`google.rpc.RetryInfo`).
pub(super) fn in_error(error: &Value) -> Option<Duration> {
    let details = error.get("details")?.as_array()?;
    let delay = details.iter().find_map(|detail| detail.get("retryDelay")?.as_str())?;
    bounded(delay.strip_suffix('s')?.parse().ok()?)
}

fn bounded(seconds: f64) -> Option<Duration> {
    let sound = seconds.is_finite() && seconds >= 0.0;
    sound.then(|| Duration::from_secs_f64(seconds.min(MOST)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn wait(headers: &[(&'static str, &str)]) -> Option<Duration> {
        let pairs = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        in_headers(&pairs.collect())
    }

    #[test]
    fn seconds_milliseconds_and_dates_are_read() {
        let ms = |ms| Some(Duration::from_millis(ms));
        assert_eq!(wait(&[("retry-after", "2")]), ms(2_000));
        assert_eq!(wait(&[("retry-after", "0.5")]), ms(500));
        assert_eq!(wait(&[("retry-after", "1e300")]), ms(7 * 24 * 3_600_000));
        assert_eq!(wait(&[("retry-after", "9"), ("retry-after-ms", "1250")]), ms(1_250));
        assert_eq!(wait(&[("retry-after", "9"), ("retry-after-ms", "soon")]), ms(9_000));
        let date = ("date", "Wed, 21 Oct 2026 07:28:00 GMT");
        assert_eq!(wait(&[("retry-after", "Wed, 21 Oct 2026 07:29:30 GMT"), date]), ms(90_000));
        assert_eq!(wait(&[("retry-after", "Wed, 21 Oct 2026 07:27:00 GMT"), date]), ms(0));
        assert_eq!(wait(&[("retry-after", "Wed, 21 Oct 2026 07:29:30 GMT")]), None);
        for bad in ["-1", "NaN", "soon", ""] {
            assert_eq!(wait(&[("retry-after", bad)]), None, "{bad}");
        }
        assert_eq!(wait(&[]), None);
    }

    #[test]
    fn the_wait_can_stand_in_the_error() {
        let info =
            json!({ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s" });
        let error = json!({ "details": [{ "@type": "x" }, info] });
        assert_eq!(in_error(&error), Some(Duration::from_millis(34_500)));
        assert_eq!(in_error(&json!({ "details": [{ "retryDelay": "soon" }] })), None);
        assert_eq!(in_error(&json!({})), None);
    }
}
