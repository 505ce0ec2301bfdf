//! Takes secrets out of text that goes out: the exact values that are known, in
//! every form that they may have taken on the way.

use std::borrow::Cow;
use std::collections::BTreeMap;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use crate::SecretText;

/// Anything shorter, in bytes, is no secret: it would stand in ordinary text by
/// chance.
const SHORTEST: usize = 8;

/// The secrets are too many, or too long, to be looked for.
#[derive(Debug, thiserror::Error)]
#[error("the secrets cannot be looked for: {0}")]
pub struct MaskerError(#[from] aho_corasick::BuildError);

/// Knows secrets, and what stands in their place.
pub struct Masker {
    forms: AhoCorasick,
    /// What stands in the place of each form.
    places: Vec<String>,
}

impl Masker {
    /// Knows some secrets, each by a name that may be shown.
    pub fn new<'s>(
        secrets: impl IntoIterator<Item = (&'s str, &'s SecretText)>,
    ) -> Result<Self, MaskerError> {
        let mut forms = BTreeMap::new();
        for (name, secret) in secrets {
            if secret.reveal().len() >= SHORTEST {
                for form in forms_of(secret.reveal()) {
                    forms.entry(form).or_insert_with(|| format!("[secret of {name}]"));
                }
            }
        }
        let (forms, places): (Vec<String>, Vec<String>) = forms.into_iter().unzip();
        let mut builder = AhoCorasick::builder();
        let forms = builder.match_kind(MatchKind::LeftmostLongest).build(&forms)?;
        Ok(Self { forms, places })
    }

    /// The text without secrets.
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.forms.is_match(text) {
            Cow::Owned(self.forms.replace_all(text, &self.places))
        } else {
            Cow::Borrowed(text)
        }
    }
}

/// A secret as it is, in JSON (once, and as JSON inside of JSON), in a URL, in hex
/// and in base64.
fn forms_of(secret: &str) -> Vec<String> {
    let in_json = escaped(secret);
    let in_twice = escaped(&in_json);
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![secret.to_owned(), in_json, in_twice, hex.to_ascii_uppercase(), hex];
    forms.push(in_url(secret, |byte| format!("%{byte:02X}")));
    forms.push(in_url(secret, |byte| format!("%{byte:02x}")));
    for before in 0..3 {
        forms.extend(in_base64(secret.as_bytes(), before));
    }
    forms.retain(|form| form.len() >= SHORTEST);
    forms
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

fn in_url(text: &str, escape: fn(u8) -> String) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let written = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { escape(byte) };
    text.bytes().map(written).collect()
}

/// The letters that stand for a secret in base64 when so many bytes stand before
/// it in its group of three: those that hang on the secret alone, and those at
/// the end of the text too.
fn in_base64(secret: &[u8], before: usize) -> Vec<String> {
    let bytes = [&[0; 2][..before], secret].concat();
    let first = (before * 8).div_ceil(6);
    let whole = bytes.len() * 8 / 6;
    let mut forms = Vec::new();
    for (padded, bare) in [(&STANDARD, &STANDARD_NO_PAD), (&URL_SAFE, &URL_SAFE_NO_PAD)] {
        let text = bare.encode(&bytes);
        forms.push(text[first..whole].to_owned());
        forms.push(text[first..].to_owned());
        forms.push(padded.encode(&bytes)[first..].to_owned());
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk-test/\"那\\+Zz09==";

    fn masker() -> Masker {
        let (key, short) = (SecretText::new(KEY.into()), SecretText::new("short".into()));
        Masker::new([("openai", &key), ("local", &short)]).unwrap()
    }

    #[test]
    fn a_secret_is_found_in_every_form() {
        let masker = masker();
        let json = escaped(KEY);
        let hex: String = KEY.bytes().map(|byte| format!("{byte:02x}")).collect();
        let url = in_url(KEY, |byte| format!("%{byte:02X}"));
        let forms = [KEY, &json, &escaped(&json), &hex, &hex.to_uppercase(), &url];
        for form in forms.into_iter().chain([url.to_lowercase().replace("zz09", "Zz09").as_str()]) {
            let text = format!("before {form} after {form}.");
            assert_eq!(masker.mask(&text), "before [secret of openai] after [secret of openai].");
        }
    }

    #[test]
    fn base64_is_found_wherever_the_secret_stands_in_it() {
        let masker = masker();
        for before in 0..7 {
            for after in 0..7 {
                let text = format!("{}{KEY}{}", "x".repeat(before), "y".repeat(after));
                for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
                    let shown = masker.mask(&engine.encode(&text)).into_owned();
                    assert!(shown.contains("[secret of openai]"), "{before} {after}: {shown}");
                    assert!(shown.len() < 45, "{before} {after}: {shown}");
                }
            }
        }
    }

    #[test]
    fn all_else_stays_as_it_is() {
        let masker = masker();
        let text = "short sk-test sk-TEST 那🙂é";
        assert!(matches!(masker.mask(text), Cow::Borrowed(same) if same == text));
        assert_eq!(Masker::new([]).unwrap().mask(text), text);
    }

    #[test]
    fn of_secrets_that_hold_each_other_the_longest_goes() {
        let (one, two) = ("abcdefgh", "abcdefgh-ijklmnop");
        let secrets = [one, two].map(|text| SecretText::new(text.into()));
        let masker = Masker::new([("one", &secrets[0]), ("two", &secrets[1])]).unwrap();
        assert_eq!(masker.mask("abcdefgh-ijklmnop abcdefgh"), "[secret of two] [secret of one]");
    }
}
