//! Arguments of calls on their way back to the model.

use llm::count_tokens;
use serde::de::IgnoredAny;
use serde_json::Value;

/// The shortest that a text within arguments is cut to, in bytes.
const SHORTEST: usize = 48;

/// Arguments as they can be sent: one malformed call of the past would have
/// every later request refused. The result that follows it says what was wrong.
pub(super) fn sound(arguments: &str) -> String {
    let is_object = arguments.trim_start().starts_with('{')
        && serde_json::from_str::<IgnoredAny>(arguments).is_ok();
    if is_object { arguments.to_owned() } else { "{}".to_owned() }
}

/// Shortens the texts within sound arguments until all of them take no more
/// than about `most` tokens, or are empty.
pub(super) fn shorten(arguments: &mut String, most: u32) -> u32 {
    let mut left = count_tokens(arguments);
    let mut bytes = most as usize * 4;
    while left > most {
        let cut = serde_json::from_str(arguments).ok().filter(|_| bytes >= SHORTEST);
        match cut {
            Some(mut value) => {
                cut_texts(&mut value, bytes);
                *arguments = Value::to_string(&value);
                bytes /= 2;
                left = count_tokens(arguments);
            }
            // Many small things: nothing of them can be kept.
            None => {
                *arguments = "{}".to_owned();
                return 1;
            }
        }
    }
    left
}

fn cut_texts(value: &mut Value, bytes: usize) {
    match value {
        Value::String(text) if text.len() > bytes + SHORTEST => {
            let head = text.floor_char_boundary(bytes / 2);
            let tail = text.ceil_char_boundary(text.len() - bytes / 2);
            *text = format!("{} [… left out …] {}", &text[..head], &text[tail..]);
        }
        Value::Array(values) => values.iter_mut().for_each(|value| cut_texts(value, bytes)),
        Value::Object(fields) => fields.values_mut().for_each(|value| cut_texts(value, bytes)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_object_is_sent() {
        for good in ["{}", r#"{"a": [1, {"b": null}]}"#, " {\"a\":1} "] {
            assert_eq!(sound(good), good);
        }
        for bad in ["", "null", "[]", "7", r#""{}""#, r#"{"a":"#, "{'a':1}", "{} {}", "{\"a\":NaN}"]
        {
            assert_eq!(sound(bad), "{}", "{bad}");
        }
    }

    #[test]
    fn long_texts_are_cut_and_the_rest_stays() {
        let content = "line 那\n".repeat(5_000);
        let whole = serde_json::json!({ "path": "a.txt", "content": content, "mode": "append" });
        let mut arguments = whole.to_string();
        for most in [1_000, 120] {
            assert!(shorten(&mut arguments, most) <= most);
            let value: Value = serde_json::from_str(&arguments).unwrap();
            assert_eq!((&value["path"], &value["mode"]), (&"a.txt".into(), &"append".into()));
            assert!(value["content"].as_str().unwrap().contains("left out"));
        }
        let mut many = serde_json::to_string(&vec![1; 10_000]).unwrap();
        shorten(&mut many, 100);
        assert_eq!(many, "{}");
    }
}
