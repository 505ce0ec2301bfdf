//! How a model comes to know of a tool.

/// How a model comes to know of a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Every request tells of it.
    Shown,
    /// It is rarely wanted: the model finds it by words, with `tool.search`.
    Found,
}
