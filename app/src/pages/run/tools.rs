//! Which tools a run used, and how its tool time was spent.

use std::collections::BTreeMap;

use leptos::prelude::*;

use crate::format;
use crate::live::LiveTurn;

/// One bar for each tool.
#[component]
pub(super) fn Tools(turn: LiveTurn) -> impl IntoView {
    let steps = RwSignal::from(turn.steps);
    let uses = Memo::new(move |_| {
        let mut uses = BTreeMap::<String, (u64, u64)>::new();
        for step in steps.get() {
            step.step.with(|step| {
                for call in &step.calls {
                    let (count, time) = uses.entry(call.tool.clone()).or_default();
                    *count += 1;
                    *time += call.result.as_ref().map_or(0, |result| result.duration_ms);
                }
            });
        }
        uses
    });
    let bars = move || {
        let uses = uses.get();
        let total = uses.values().map(|(_, time)| time).sum::<u64>().max(1);
        let mut uses = uses.into_iter().collect::<Vec<_>>();
        uses.sort_by_key(|(_, (_, time))| std::cmp::Reverse(*time));
        let bar = |(tool, (count, time)): (String, (u64, u64))| {
            let share = time * 100 / total;
            let calls = format::count(count, "call");
            view! {
                <li>
                    <span class="mono">{tool}</span>
                    <b>{format!("{calls} · {}", format::duration(time))}</b>
                    <svg
                        class="meter"
                        viewBox="0 0 100 1"
                        preserveAspectRatio="none"
                        role="img"
                        aria-label=format!("{share}% of tool time")
                    >
                        <rect width=share.to_string() height="1"></rect>
                    </svg>
                </li>
            }
        };
        uses.into_iter().map(bar).collect_view()
    };
    let none = Memo::new(move |_| uses.with(BTreeMap::is_empty));
    view! {
        <section class="panel" aria-labelledby="tools">
            <header class="panel-h"><h2 id="tools">"Tools"</h2></header>
            <div class="panel-b">
                {move || none.get().then(|| view! { <p class="sm soft">"No tool was called."</p> })}
                <ul class="bars">{bars}</ul>
            </div>
        </section>
    }
}
