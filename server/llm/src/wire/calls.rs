//! Putting tool calls together from their parts.
//!
//! Providers disagree on how parts are marked: each part with its id or only
//! the first, an index that counts, stays 0 or is missing, no id at all. A part
//! belongs to a call by its id first and by its index second, and an id that
//! was not seen before is a new call: gluing two calls together spoils both.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::Names;
use crate::{LlmError, ToolCall};

/// The most calls in one answer.
const MAX_CALLS: usize = 128;

/// The most bytes of one call's arguments.
const MAX_ARGUMENTS: usize = 1 << 20;

/// The calls of one answer, in order of their first parts.
#[derive(Debug, Default)]
pub(super) struct Calls {
    calls: Vec<Call>,
    /// The call that the newest part belonged to.
    newest: usize,
}

/// A part of a call, or a whole one. What is not said is empty.
#[derive(Debug, Default)]
pub(crate) struct Part {
    pub(crate) index: Option<u64>,
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    /// New characters of the arguments.
    pub(crate) arguments: String,
}

#[derive(Debug, Default)]
struct Call {
    id: Option<String>,
    index: Option<u64>,
    name: String,
    arguments: String,
}

impl Calls {
    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Takes in a part.
    pub(super) fn add(&mut self, part: &Part) -> Result<(), LlmError> {
        let arguments = &part.arguments;
        let at = match self.find(part) {
            Some(at) => at,
            None => {
                self.check_room()?;
                self.calls.push(Call::default());
                self.calls.len() - 1
            }
        };
        self.newest = at;
        let call = &mut self.calls[at];
        call.index = call.index.or(part.index);
        if call.id.is_none() {
            call.id = part.id().map(str::to_owned);
        }
        if call.name.is_empty() {
            call.name = part.name().unwrap_or_default().to_owned();
        }
        check_size(call.arguments.len() + arguments.len())?;
        call.arguments.push_str(arguments);
        Ok(())
    }

    /// Takes in a whole call, which is no part of another whatever its id is.
    pub(super) fn add_whole(&mut self, part: Part) -> Result<(), LlmError> {
        self.check_room()?;
        let (index, id) = (None, part.id().map(str::to_owned));
        let name = part.name().unwrap_or_default().to_owned();
        check_size(part.arguments.len())?;
        self.newest = self.calls.len();
        self.calls.push(Call { id, index, name, arguments: part.arguments });
        Ok(())
    }

    /// The whole calls. `taken` are ids of the conversation so far, which made
    /// ids stay clear of. Where the model was cut off, a call that is not whole
    /// is left out.
    pub(super) fn finish(
        self,
        names: &Names,
        mut taken: HashSet<String>,
        cut_off: bool,
    ) -> Result<Vec<ToolCall>, LlmError> {
        let given: Vec<String> = self.calls.iter().filter_map(|call| call.id.clone()).collect();
        let mut seen = HashSet::new();
        taken.extend(given);
        let mut whole = Vec::with_capacity(self.calls.len());
        for call in self.calls {
            if cut_off && !is_object(&call.arguments) {
                continue;
            }
            if call.name.is_empty() {
                return Err(LlmError::Format("a tool call without a name".to_owned()));
            }
            let own = call.id.filter(|id| seen.insert(id.clone()));
            let id = own.unwrap_or_else(|| make_id(&mut taken));
            let empty = call.arguments.trim().is_empty();
            let arguments = if empty { "{}".to_owned() } else { call.arguments };
            whole.push(ToolCall { id, tool: names.tool(&call.name), arguments, repair: None });
        }
        Ok(whole)
    }

    fn check_room(&self) -> Result<(), LlmError> {
        if self.calls.len() < MAX_CALLS {
            return Ok(());
        }
        Err(LlmError::Format(format!("over {MAX_CALLS} tool calls in one answer")))
    }

    /// The call that a part belongs to; none where it begins one.
    fn find(&self, part: &Part) -> Option<usize> {
        let Some(id) = part.id() else {
            return self.near(part).filter(|at| !self.calls[*at].is_followed_by(part));
        };
        let has_id = |call: &Call| call.id.as_deref() == Some(id);
        let fits =
            |call: &Call| part.index.is_none() || call.index.is_none() || call.index == part.index;
        self.calls
            .iter()
            .rposition(|call| has_id(call) && fits(call))
            // One id, two indexes, a name at both: two calls of a careless provider.
            .or_else(|| self.calls.iter().rposition(|c| has_id(c) && part.name().is_none()))
            // The id of a call whose first part had none yet.
            .or_else(|| {
                let near = self.near(part).filter(|_| part.name().is_none());
                near.filter(|at| self.calls[*at].id.is_none())
            })
    }

    /// By index; without one, or with one that is new, by time.
    fn near(&self, part: &Part) -> Option<usize> {
        let newest = (!self.calls.is_empty()).then_some(self.newest);
        let Some(index) = part.index else { return newest };
        let known = self.calls.iter().rposition(|call| call.index == Some(index));
        known.or_else(|| newest.filter(|_| part.name().is_none()))
    }
}

impl Part {
    fn id(&self) -> Option<&str> {
        self.id.as_deref().filter(|id| !id.is_empty())
    }

    fn name(&self) -> Option<&str> {
        self.name.as_deref().filter(|name| !name.is_empty())
    }
}

impl Call {
    /// Whether a part without an id begins the next call. Some providers repeat
    /// the name in every part, so the name alone does not tell.
    fn is_followed_by(&self, part: &Part) -> bool {
        let Some(name) = part.name() else { return false };
        let more = !part.arguments.trim().is_empty();
        !self.name.is_empty() && (name != self.name || (more && is_object(&self.arguments)))
    }
}

fn check_size(arguments: usize) -> Result<(), LlmError> {
    if arguments <= MAX_ARGUMENTS {
        return Ok(());
    }
    Err(LlmError::Format(format!("a tool call is over {MAX_ARGUMENTS} bytes")))
}

fn is_object(text: &str) -> bool {
    // The look at the end spares most parts the reading of all before them.
    text.trim_end().ends_with('}') && serde_json::from_str::<Map<String, Value>>(text).is_ok()
}

fn make_id(taken: &mut HashSet<String>) -> String {
    let mut number = 1;
    loop {
        let id = format!("call_{number}");
        if taken.insert(id.clone()) {
            return id;
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(index: Option<u64>, id: &str, name: &str, arguments: &str) -> Part {
        let (id, name) = (Some(id.to_owned()), Some(name.to_owned()));
        Part { index, id, name, arguments: arguments.to_owned() }
    }

    /// Puts parts together, given as (index, id, name, arguments); what is
    /// empty or negative is left out.
    fn assemble(parts: &[(i64, &str, &str, &str)]) -> Vec<(String, String, String)> {
        let mut calls = Calls::default();
        for (index, id, name, arguments) in parts {
            calls.add(&part(u64::try_from(*index).ok(), id, name, arguments)).unwrap();
        }
        let whole = calls.finish(&Names::new(&[]), HashSet::new(), false).unwrap();
        whole.into_iter().map(|call| (call.id, call.tool, call.arguments)).collect()
    }

    fn two(first: &str, second: &str) -> Vec<(String, String, String)> {
        let call =
            |id: &str, p: &str| (id.to_owned(), "read".to_owned(), format!("{{\"p\":\"{p}\"}}"));
        vec![call(first, "a"), call(second, "b")]
    }

    const A: &str = "{\"p\":\"a\"}";
    const B: &str = "{\"p\":\"b\"}";

    #[test]
    fn ids_part_calls_that_share_an_index_or_have_none() {
        for index in [0, -1] {
            let parts = [(index, "a", "read", A), (index, "b", "read", B)];
            assert_eq!(assemble(&parts), two("a", "b"), "index {index}");
        }
    }

    #[test]
    fn later_parts_follow_the_index_also_interleaved() {
        let parts = [
            (0, "a", "read", ""),
            (1, "b", "read", ""),
            (0, "", "", "{\"p\":"),
            (1, "", "", "{\"p\":"),
            (0, "", "", "\"a\"}"),
            (1, "", "", "\"b\"}"),
        ];
        assert_eq!(assemble(&parts), two("a", "b"));
    }

    #[test]
    fn a_repeated_index_means_the_newest_call_with_it() {
        let parts = [
            (0, "a", "read", "{\"p\":"),
            (0, "", "", "\"a\"}"),
            (0, "b", "read", "{\"p\":"),
            (0, "", "", "\"b\"}"),
        ];
        assert_eq!(assemble(&parts), two("a", "b"));
    }

    #[test]
    fn ids_in_every_part_win_over_the_order() {
        let parts = [
            (-1, "a", "read", "{\"p\":"),
            (-1, "b", "read", "{\"p\":"),
            (-1, "a", "", "\"a\"}"),
            (-1, "b", "", "\"b\"}"),
        ];
        assert_eq!(assemble(&parts), two("a", "b"));
    }

    #[test]
    fn missing_ids_are_made() {
        let by_index = [(0, "", "read", A), (1, "", "read", B)];
        assert_eq!(assemble(&by_index), two("call_1", "call_2"));
        let same_index = [(0, "", "read", A), (0, "", "read", B)];
        assert_eq!(assemble(&same_index), two("call_1", "call_2"));
        let nothing = [(-1, "", "read", "{\"p\":"), (-1, "", "", "\"a\"}"), (-1, "", "read", B)];
        assert_eq!(assemble(&nothing), two("call_1", "call_2"));
        let mixed = [(0, "call_1", "read", A), (1, "", "read", B)];
        assert_eq!(assemble(&mixed), two("call_1", "call_2"));
    }

    #[test]
    fn one_id_for_two_calls_is_made_two() {
        let parts = [
            (0, "a", "read", "{\"p\":"),
            (1, "a", "read", "{\"p\":"),
            (0, "a", "", "\"a\"}"),
            (1, "a", "", "\"b\"}"),
        ];
        assert_eq!(assemble(&parts), two("a", "call_1"));
    }

    #[test]
    fn a_late_id_and_a_repeated_name_begin_no_new_call() {
        let parts = [(0, "", "read", "{\"p\":"), (0, "a", "", "\"a\"}"), (1, "b", "read", B)];
        assert_eq!(assemble(&parts), two("a", "b"));
        let parts = [
            (0, "a", "read", "{\"p\":"),
            (0, "", "read", "\"a\"}"),
            (0, "", "read", ""),
            (1, "b", "read", B),
        ];
        assert_eq!(assemble(&parts), two("a", "b"));
    }

    #[test]
    fn calls_without_arguments_get_an_empty_object() {
        let calls = assemble(&[(-1, "", "time", ""), (-1, "", "list", "")]);
        let expected = [("call_1", "time", "{}"), ("call_2", "list", "{}")];
        let expected = expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()));
        assert_eq!(calls, expected);
    }

    #[test]
    fn made_ids_stay_clear_of_the_conversation() {
        let mut calls = Calls::default();
        calls.add(&part(None, "", "fs_read", A)).unwrap();
        let taken = HashSet::from(["call_1".to_owned()]);
        let whole = calls.finish(&Names::new(&[]), taken, false).unwrap();
        assert_eq!(whole[0].id, "call_2");
        assert_eq!(whole[0].arguments, A);
    }

    #[test]
    fn a_cut_off_answer_keeps_whole_calls_only() {
        let mut calls = Calls::default();
        for (id, arguments) in [("a", A), ("b", "{\"p\":")] {
            calls.add(&part(None, id, "read", arguments)).unwrap();
        }
        let whole = calls.finish(&Names::new(&[]), HashSet::new(), true).unwrap();
        assert_eq!(whole.iter().map(|call| call.id.as_str()).collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn calls_are_bounded() {
        let part = |id: usize, text: &str| part(None, &id.to_string(), "read", text);
        let mut calls = Calls::default();
        for id in 0..MAX_CALLS {
            calls.add(&part(id, A)).unwrap();
        }
        assert!(matches!(calls.add(&part(MAX_CALLS, A)), Err(LlmError::Format(_))));
        let mut calls = Calls::default();
        let half = "x".repeat(MAX_ARGUMENTS / 2 + 1);
        calls.add(&part(0, &half)).unwrap();
        assert!(matches!(calls.add(&part(0, &half)), Err(LlmError::Format(_))));
        let nameless = Part { id: Some("a".to_owned()), ..Part::default() };
        let mut calls = Calls::default();
        calls.add(&nameless).unwrap();
        assert!(calls.finish(&Names::new(&[]), HashSet::new(), false).is_err());
    }
}
