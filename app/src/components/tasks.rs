//! Tasks that an agent without any preparation can do, also in demo mode.

/// One for each thing that there is to see: tools, time, files, long work.
pub(crate) const TASKS: [&str; 4] = [
    "What is in your folder?",
    "What time is it?",
    "Write 'Hello from the dashboard' to hello.md",
    "Show long work in 5 steps",
];
