//! Thinking that a provider of this form wants back while its calls are worked
//! on: `reasoning_content` (DeepSeek, Kimi, Z.AI) and `reasoning_details`
//! (OpenRouter, which puts signed and encrypted blocks there).

use serde_json::{Map, Value};

use super::chunk::Part;

/// The most bytes that are kept; more is not given back at all.
const MOST: usize = 1 << 20;

/// The fields as the message had them, put together from their parts.
#[derive(Default)]
pub(super) struct Reasoning {
    content: String,
    details: Vec<Map<String, Value>>,
    bytes: usize,
}

impl Reasoning {
    pub(super) fn add(&mut self, part: &Part) {
        if let Some(Value::String(text)) = &part.reasoning_content {
            self.bytes += text.len();
            if self.bytes <= MOST {
                self.content.push_str(text);
            }
        }
        for detail in part.reasoning_details.iter().flatten() {
            self.bytes += detail.values().filter_map(Value::as_str).map(str::len).sum::<usize>();
            if self.bytes <= MOST {
                self.add_detail(detail);
            }
        }
    }

    /// The fields of the message; empty where there were none.
    pub(super) fn fields(self) -> Map<String, Value> {
        let mut fields = Map::new();
        if self.bytes > MOST {
            return fields;
        }
        if !self.details.is_empty() {
            let details = self.details.into_iter().map(Value::Object).collect();
            fields.insert("reasoning_details".to_owned(), details);
        } else if !self.content.is_empty() {
            fields.insert("reasoning_content".to_owned(), self.content.into());
        }
        fields
    }

    /// Parts of one block follow each other, with its index and its type.
    fn add_detail(&mut self, detail: &Map<String, Value>) {
        let same = |last: &&mut Map<String, Value>| {
            ["index", "type"].iter().all(|name| last.get(*name) == detail.get(*name))
                && detail.contains_key("index")
        };
        let Some(last) = self.details.last_mut().filter(same) else {
            self.details.push(detail.clone());
            return;
        };
        for (name, value) in detail.iter().filter(|(_, value)| !value.is_null()) {
            match (last.get_mut(name), value) {
                (Some(Value::String(text)), Value::String(more))
                    if matches!(name.as_str(), "text" | "summary" | "data" | "signature") =>
                {
                    text.push_str(more);
                }
                _ => {
                    last.insert(name.clone(), value.clone());
                }
            }
        }
    }
}
