//! The record as a table, which becomes cards where it is narrow. The roles are
//! written out, since some browsers drop them with the display of a table.

use domain::{AuditActor, AuditEntry, AuditKind, UserId};
use leptos::prelude::*;

use crate::components::{Icon, Moment, Tone, When, icon};
use crate::{format, routes};

/// How many letters of a hash are shown; the whole is its title.
const SHOWN: usize = 12;

/// The rows of one page.
#[component]
pub(super) fn Table(entries: Vec<AuditEntry>, reader: UserId) -> impl IntoView {
    let rows = entries.into_iter().map(|entry| view! { <Row entry reader/> });
    view! {
        <div class="panel">
            <div class="table-wrap">
                <table class="table cards" role="table">
                    <caption class="vh">"The record, newest first"</caption>
                    <thead role="rowgroup">
                        <tr role="row">
                            <th scope="col" role="columnheader" class="num">"Row"</th>
                            <th scope="col" role="columnheader">"What"</th>
                            <th scope="col" role="columnheader">"Of what"</th>
                            <th scope="col" role="columnheader">"Agent"</th>
                            <th scope="col" role="columnheader">"By"</th>
                            <th scope="col" role="columnheader">"When"</th>
                            <th scope="col" role="columnheader">"Where"</th>
                            <th scope="col" role="columnheader" class="skip-mid">"Hash"</th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">{rows.collect_view()}</tbody>
                </table>
            </div>
        </div>
    }
}

#[component]
fn Row(entry: AuditEntry, reader: UserId) -> impl IntoView {
    let by = entry.user.unwrap_or_else(|| match entry.actor {
        AuditActor::User => "a person".to_owned(),
        AuditActor::Agent => "agent".to_owned(),
        AuditActor::System => "Openclawssy".to_owned(),
    });
    let why = [entry.rule, entry.detail].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    // Others' runs are not theirs to open.
    let run = entry.run_id.filter(|_| entry.owner_id == Some(reader));
    let hash: String = entry.hash.chars().take(SHOWN).collect();
    view! {
        <tr role="row">
            <td role="cell" class="num" data-label="Row">{format::number(entry.seq)}</td>
            <td role="cell"><Kind kind=entry.kind/></td>
            <td role="cell" class="main-cell">
                <code class="mono">{entry.tool}</code>
                <span class="sub" title=why.clone()>{why.clone()}</span>
            </td>
            <td role="cell" data-label="Agent">{entry.agent}</td>
            <td role="cell" data-label="By">{by}</td>
            <td role="cell" data-label="When" class="nowrap">
                <When at=entry.at show=Moment::Full/>
            </td>
            <td role="cell">
                {run.map(|run| view! { <a href=routes::run(run)>"Run"</a> })}
            </td>
            <td role="cell" class="skip-mid skip-narrow">
                <code class="mono xs" title=entry.hash>{hash}</code>
            </td>
        </tr>
    }
}

/// What a row tells: shape, word, then colour.
#[component]
fn Kind(kind: AuditKind) -> impl IntoView {
    let (tone, shape) = look(kind);
    view! { <span class="status" data-tone=tone.as_str()>{icon(shape)} {words(kind)}</span> }
}

/// The words of a kind of row.
pub(super) const fn words(kind: AuditKind) -> &'static str {
    match kind {
        AuditKind::Asked => "Asked",
        AuditKind::Allowed => "Allowed",
        AuditKind::Denied => "Denied",
        AuditKind::Ran => "Ran",
        AuditKind::Reused => "Used again",
        AuditKind::Failed => "Failed",
        AuditKind::TimedOut => "Timed out",
        AuditKind::CutOff => "Cut off",
        AuditKind::Blocked => "Blocked",
        AuditKind::Approved => "Approved",
        AuditKind::Refused => "Refused",
        AuditKind::Expired => "Expired",
        AuditKind::Granted => "Granted",
        AuditKind::Removed => "Grant removed",
        AuditKind::Sandbox => "Sandbox",
        AuditKind::Broken => "Record damaged",
    }
}

const fn look(kind: AuditKind) -> (Tone, Icon) {
    match kind {
        AuditKind::Asked => (Tone::Wait, Icon::Waiting),
        AuditKind::Allowed | AuditKind::Approved | AuditKind::Granted => (Tone::Ok, Icon::Check),
        AuditKind::Ran | AuditKind::Reused => (Tone::Ok, Icon::Done),
        AuditKind::Denied | AuditKind::Refused | AuditKind::Blocked => (Tone::Bad, Icon::Cancelled),
        AuditKind::Failed | AuditKind::TimedOut => (Tone::Bad, Icon::Failed),
        AuditKind::CutOff => (Tone::Idle, Icon::Interrupted),
        AuditKind::Expired | AuditKind::Removed => (Tone::Idle, Icon::Cancelled),
        AuditKind::Sandbox => (Tone::Idle, Icon::Info),
        AuditKind::Broken => (Tone::Bad, Icon::Warn),
    }
}
