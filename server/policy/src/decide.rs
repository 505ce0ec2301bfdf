//! The decision.

use domain::{Grant, Mode};

use crate::fit::{Closeness, Fit, fit};
use crate::piece::{Piece, shown};
use crate::{Asker, Call, Deciding, Presence, Rules, Unreadable, Verdict, taint};

/// What becomes of a call.
pub fn decide(rules: &Rules<'_>, asker: &Asker, call: &Call) -> Verdict {
    judge(rules, asker, call, &Piece::of(call)).verdict
}

/// The decision with what led to it.
pub(crate) struct Judged<'a> {
    pub(crate) verdict: Verdict,
    /// For each piece what was found of it.
    pub(crate) findings: Vec<Finding<'a>>,
}

/// What was found of one piece.
pub(crate) struct Finding<'a> {
    pub(crate) mode: Mode,
    rule: Deciding,
    /// The grants that speak of it, with how surely, in their own order.
    pub(crate) grants: Vec<(&'a Grant, Fit)>,
    /// The grant that allowed it.
    allowed_by: Option<&'a Grant>,
}

pub(crate) fn judge<'a>(
    rules: &Rules<'a>,
    asker: &Asker,
    call: &Call,
    pieces: &Result<Vec<Piece>, Unreadable>,
) -> Judged<'a> {
    let pieces = match pieces {
        Ok(pieces) => pieces,
        Err(error) => {
            let sentence = error.to_string();
            let verdict = Verdict { mode: Mode::Deny, rule: Deciding::Unreadable, sentence };
            return Judged { verdict, findings: Vec::new() };
        }
    };
    let grants: Vec<_> =
        rules.grants.iter().filter(|grant| rules.aside(grant, asker, call).is_none()).collect();
    let findings: Vec<_> = pieces.iter().map(|piece| finding(&grants, piece, pieces)).collect();
    let verdict = all_together(asker, call, pieces, &findings);
    Judged { verdict: where_nobody_is(asker, verdict), findings }
}

/// What the grants say of one piece.
fn finding<'a>(grants: &[&'a Grant], piece: &Piece, pieces: &[Piece]) -> Finding<'a> {
    let mut speak: Vec<(&Grant, Fit, Closeness)> = Vec::new();
    for grant in grants {
        let (fits, closeness) = fit(grant, piece, pieces);
        if fits != Fit::No {
            speak.push((grant, fits, closeness));
        }
    }
    let of = |mode: Mode| speak.iter().filter(move |(grant, ..)| grant.terms.mode == mode);
    let allows = || of(Mode::Allow).filter(|(_, fits, _)| *fits == Fit::Yes);
    let denied = of(Mode::Deny).next();
    let asked = of(Mode::Ask)
        .find(|(.., asking)| !allows().any(|(.., allowing)| allowing.wins_over(*asking)));
    let allowed = allows().next();
    let decides = |(grant, ..): &(&'a Grant, Fit, Closeness)| {
        (grant.terms.mode, Deciding::Grant(grant.id), None)
    };
    let (mode, rule, allowed_by) = match (denied, asked, allowed) {
        (Some(grant), ..) | (None, Some(grant), _) => decides(grant),
        (None, None, Some((grant, ..))) => (Mode::Allow, Deciding::Grant(grant.id), Some(*grant)),
        (None, None, None) if !piece.needs_a_grant() => (Mode::Allow, Deciding::Default, None),
        (None, None, None) if matches!(piece, Piece::Unknown(_)) => {
            (Mode::Deny, Deciding::Unknown, None)
        }
        (None, None, None) => (Mode::Deny, Deciding::Default, None),
    };
    let grants = speak.into_iter().map(|(grant, fits, _)| (grant, fits)).collect();
    Finding { mode, rule, grants, allowed_by }
}

/// The strictest finding, or the marks of the run.
fn all_together(asker: &Asker, call: &Call, pieces: &[Piece], findings: &[Finding<'_>]) -> Verdict {
    let strictest = findings.iter().map(|finding| finding.mode).max().unwrap_or(Mode::Deny);
    // A grant that denies says more than that none allows.
    let by_grant = |finding: &&(&Piece, &Finding<'_>)| {
        finding.1.mode == strictest && matches!(finding.1.rule, Deciding::Grant(_))
    };
    let judged: Vec<_> = pieces.iter().zip(findings).collect();
    let first = judged.iter().find(by_grant);
    let first = first.or_else(|| judged.iter().find(|(_, finding)| finding.mode == strictest));
    let tool = shown(&call.tool);
    let Some((piece, finding)) = first else {
        let sentence = format!("No grant lets this agent use {tool}.");
        return Verdict { mode: Mode::Deny, rule: Deciding::Default, sentence };
    };
    let allowed_by: Vec<_> = findings.iter().filter_map(|finding| finding.allowed_by).collect();
    if strictest == Mode::Allow && taint::asks(asker, call, pieces, &allowed_by) {
        let read = asker.taint.sentence().unwrap_or_default();
        let sentence = format!("{read}, so a person has to allow {tool} to {}.", what(piece));
        return Verdict { mode: Mode::Ask, rule: Deciding::Taint, sentence };
    }
    let sentence = match (strictest, &finding.rule) {
        (Mode::Allow, _) => format!("{tool} may {}.", what(piece)),
        (Mode::Ask, _) => format!("A person has to allow {tool} to {}.", what(piece)),
        (Mode::Deny, Deciding::Grant(_)) => {
            format!("A grant denies {tool} to {}.", what(piece))
        }
        (Mode::Deny, Deciding::Unknown) => format!(
            "{tool} may not {}. Only what can be read beforehand is covered by a list of commands.",
            what(piece)
        ),
        (Mode::Deny, _) => format!("No grant lets {tool} {}.", what(piece)),
    };
    Verdict { mode: strictest, rule: finding.rule.clone(), sentence }
}

/// A piece as part of a sentence.
fn what(piece: &Piece) -> String {
    match piece {
        Piece::Tool => "run".to_owned(),
        piece => piece.to_string(),
    }
}

/// A question that nobody would answer is a denial.
fn where_nobody_is(asker: &Asker, verdict: Verdict) -> Verdict {
    match (verdict.mode, asker.presence) {
        (Mode::Ask, Presence::Nobody) => Verdict {
            mode: Mode::Deny,
            rule: Deciding::Nobody(Box::new(verdict.rule)),
            sentence: format!(
                "{} Nobody is there to be asked in a run from the {}; a grant for unattended runs \
                 has to allow it beforehand.",
                verdict.sentence, asker.channel
            ),
        },
        _ => verdict,
    }
}
