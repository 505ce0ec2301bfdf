//! What a replay found, for a terminal.

use domain::{DiffLine, LineChange};
use engine::{Difference, Extent, Replayed};

use super::tree::one_line;

/// The longest line of a difference, in characters.
const WIDTH: usize = 200;

/// One sentence, and the difference line by line if there is one.
pub(super) fn found(replayed: &Replayed) -> String {
    let Replayed { steps, extent, difference } = replayed;
    let steps = if *steps == 1 { "1 step".to_owned() } else { format!("{steps} steps") };
    let Some(Difference { step, thing, lines }) = difference else {
        let part = match extent {
            Extent::Whole => "",
            Extent::Part => ", as far as the run can be played: then it was stopped from outside",
        };
        return format!("equal, {steps}{part}\n");
    };
    let mut text = format!("different at step {step} of {steps}: {thing}\n");
    for place in &lines.places {
        for DiffLine { change, text: line, .. } in place {
            let mark = match change {
                LineChange::Same => ' ',
                LineChange::Added => '+',
                LineChange::Removed => '-',
            };
            text.push_str(&format!("{mark} {}\n", one_line(line, WIDTH)));
        }
    }
    if lines.hidden > 0 {
        text.push_str(&format!("  and {} more lines\n", lines.hidden));
    }
    text
}
