//! Many reasons to look again, one look.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;

/// A function that runs `task` a moment after it is first called; calls in
/// between add nothing. Called in the browser only; ends with its last holder.
pub(crate) fn soon(milliseconds: u32, task: impl Fn() + 'static) -> impl Fn() + Clone + 'static {
    let task = Rc::new(task);
    let pending = Rc::new(Cell::new(false));
    let timer = Rc::new(RefCell::new(None));
    move || {
        if pending.replace(true) {
            return;
        }
        let (task, pending) = (task.clone(), pending.clone());
        timer.replace(Some(Timeout::new(milliseconds, move || {
            pending.set(false);
            task();
        })));
    }
}
