//! A call between marks.
//!
//! Marks like these are no prose, so a call in them is one even where the tool
//! is unknown: the model is then told so. Only where what follows the mark
//! cannot be a call of its family, a sentence was speaking of the mark.

use super::family::{Body, End, Ends, FAMILIES, Family, HARMONY, Match, Search, any_mark, form_of};
use super::forms::{Begins, Form, Lexing, Wholeness, Written};
use super::mend::Note;
use super::reader::{Ending, MAX_HELD, Reader, State, head};

/// No mark is longer, in bytes.
const LONGEST_MARK: usize = 64;

/// Where reading a call between marks stands.
#[derive(Debug)]
pub(super) struct Markup {
    family: &'static Family,
    /// Bytes of the opening mark, where it is no part of the body.
    mark: usize,
    form: Option<&'static dyn Form>,
    search: Search,
}

impl Markup {
    pub(super) fn new(family: &'static Family, mark: usize) -> Self {
        Self { family, mark, form: None, search: Search::default() }
    }

    /// A message to a tool, whose head is so many bytes long.
    pub(super) fn message(head: usize) -> Self {
        Self { search: Search::behind(head), ..Self::new(&HARMONY, 0) }
    }

    /// The family, and the bytes of the mark before the body.
    pub(super) fn parts(&self) -> (&'static Family, usize) {
        (self.family, self.mark)
    }
}

/// Looks for the opening mark of a family at the beginning of a text.
pub(super) fn opening(text: &str) -> Result<Markup, Match> {
    let mut best = Match::No;
    for family in FAMILIES {
        match any_mark(text, family.openers) {
            Ok(length) => {
                let mark = if family.body == Body::Behind { length } else { 0 };
                return Ok(Markup::new(family, mark));
            }
            Err(Match::Partial) => best = Match::Partial,
            Err(_) => {}
        }
    }
    Err(best)
}

impl Reader {
    /// Passes over a call that is too long.
    pub(super) fn skip(
        &mut self,
        family: &'static Family,
        rest: &str,
        ending: Ending,
    ) -> Option<usize> {
        let at = rest.find(['<', '[']).unwrap_or(rest.len());
        match any_mark(&rest[at..], family.closers) {
            _ if at > 0 => Some(at),
            Ok(length) => {
                self.state = State::Prose;
                self.took_out();
                Some(length)
            }
            Err(Match::Partial) if ending == Ending::Open => None,
            Err(_) => Some(1),
        }
    }

    /// Goes on with a call between marks.
    pub(super) fn markup(&mut self, rest: &str, ending: Ending) -> Option<usize> {
        let State::Markup(markup) = &mut self.state else { return None };
        let (family, body) = (markup.family, &rest[markup.mark..]);
        let form = match markup.form.map_or_else(|| form_of(family, body), Ok) {
            Ok(form) => *markup.form.insert(form),
            Err(Begins::Unsure) if ending == Ending::Open => return None,
            Err(Begins::Unsure) => return Some(self.unreadable(rest, ending)),
            Err(_) => return Some(self.no_markup(rest)),
        };
        let mark = markup.mark;
        let fits = |end: &End| mark + end.past <= MAX_HELD;
        let end = markup.search.end(body, family, form.lexing());
        let hidden = markup.search.hidden;
        let over = rest.len() > MAX_HELD;
        let waits = ending == Ending::Open && !over;
        match end.filter(fits).or(hidden.filter(fits).filter(|_| !waits)) {
            Some(End { body: end, past }) => {
                self.closed(form, &rest[..mark + end], mark);
                Some(mark + past)
            }
            None if waits => None,
            None if over => {
                // The mark that ends it may stand across the limit.
                let part = head(rest, MAX_HELD - LONGEST_MARK);
                self.too_long(form, part, mark);
                self.state = State::Skipping(family);
                Some(part.len())
            }
            None => Some(self.unclosed(form, rest, mark, ending)),
        }
    }

    /// A call with its end.
    fn closed(&mut self, form: &dyn Form, markup: &str, mark: usize) {
        let reading = form.read(&markup[mark..], &self.tools);
        self.taken_as_call();
        if reading.calls.is_empty() {
            self.add_nameless(markup);
        }
        for call in reading.calls {
            // The mark says that the model was done with it.
            let state = match call.state {
                Wholeness::Cut => Wholeness::Whole,
                state => state,
            };
            self.add(Written { state, ..call });
        }
    }

    /// A call whose end is missing; says how many bytes belong to it.
    fn unclosed(&mut self, form: &dyn Form, rest: &str, mark: usize, ending: Ending) -> usize {
        let State::Markup(markup) = &self.state else { return rest.len() };
        let marked = markup.family.ends == Ends::Marked;
        let body = &rest[mark..];
        let reading = form.read(body, &self.tools);
        if reading.calls.is_empty() {
            return self.unreadable(rest, ending);
        }
        self.taken_as_call();
        for mut call in reading.calls {
            let closed = form.lexing() != Lexing::Text && !call.notes.has(Note::UnclosedBracket);
            match call.state {
                Wholeness::Whole if ending == Ending::Whole || closed => {
                    if marked {
                        call.notes.add(Note::UnclosedTag);
                    }
                    self.add(call);
                }
                // What stopped the model stopped it here.
                _ if ending == Ending::Cut => {}
                // Half a value must not be acted on.
                _ => self.add(call.broken_off(body)),
            }
        }
        mark + reading.end
    }

    /// Markup without a call that can be read.
    fn unreadable(&mut self, rest: &str, ending: Ending) -> usize {
        self.taken_as_call();
        if ending != Ending::Cut {
            self.add_nameless(rest);
        }
        rest.len()
    }

    /// A call over the limit. It does not run.
    fn too_long(&mut self, form: &dyn Form, part: &str, mark: usize) {
        let reading = form.read(&part[mark..], &self.tools);
        self.taken_as_call();
        match reading.calls.into_iter().next() {
            Some(call) => self.add(call.broken_off(part)),
            None => self.add_nameless(part),
        }
    }

    /// A sentence that speaks of a mark. Tokens of a model are never text.
    fn no_markup(&mut self, rest: &str) -> usize {
        let State::Markup(markup) = &self.state else { return rest.len() };
        let length = markup.mark.max(1);
        self.state = State::Prose;
        if ["<|", "<｜", "["].iter().any(|token| rest.starts_with(token)) {
            self.took_out();
        } else {
            self.show(&rest[..length]);
        }
        length
    }

    fn taken_as_call(&mut self) {
        self.state = State::Prose;
        self.confirm_parked();
        self.took_out();
    }

    fn add(&mut self, call: Written) {
        if let Err(fault) = self.found.written(call, &self.tools) {
            self.fail(fault);
        }
    }

    fn add_nameless(&mut self, markup: &str) {
        if let Err(fault) = self.found.nameless(markup) {
            self.fail(fault);
        }
    }
}
