//! Days in a row of which the same is true become one span.

use super::{Evidence, Span};
use crate::model::time::Day;

/// What is true of one metric of one provider on one day.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    pub(super) provider: &'static str,
    pub(super) kind: String,
    pub(super) metric: &'static str,
    pub(super) reason: &'static str,
    pub(super) text: &'static str,
    pub(super) mend: Option<String>,
    pub(super) evidence: Evidence,
}

/// Records and notes kept of one span: the first days stand for all.
const MOST_SHOWN: usize = 3;

#[derive(Debug, Clone, Default)]
pub(super) struct Spans(Vec<Span>);

impl Spans {
    /// Adds a day. Metrics of which the same is true stand together.
    pub(super) fn add(&mut self, day: Day, findings: Vec<Finding>, detail: bool) {
        let date = day.to_string();
        let mut today: Vec<Span> = Vec::new();
        for finding in findings {
            // In brief each metric has its own until the end: days on which others are missing part no span.
            let alike = today.iter_mut().filter(|_| detail).find(|span| {
                (span.provider, &span.kind, span.reason, &span.mend)
                    == (finding.provider, &finding.kind, finding.reason, &finding.mend)
            });
            match alike {
                Some(span) => {
                    span.metrics.push(finding.metric);
                    merge(&mut span.evidence, Some(finding.evidence));
                }
                None => today.push(Span {
                    start: date.clone(),
                    end: date.clone(),
                    days: 1,
                    provider: finding.provider,
                    kind: finding.kind,
                    metrics: vec![finding.metric],
                    reason: finding.reason,
                    text: detail.then_some(finding.text),
                    mend: finding.mend,
                    evidence: detail.then_some(finding.evidence),
                }),
            }
        }
        let yesterday = day.yesterday().map(|day| day.to_string()).unwrap_or_default();
        for span in today {
            let goes_on = self.0.iter_mut().rev().find(|before| {
                before.end == yesterday
                    && (before.provider, &before.kind, before.reason, &before.mend, &before.metrics)
                        == (span.provider, &span.kind, span.reason, &span.mend, &span.metrics)
            });
            match goes_on {
                Some(before) => {
                    before.end = span.end;
                    before.days += 1;
                    merge(&mut before.evidence, span.evidence);
                }
                None => self.0.push(span),
            }
        }
    }

    pub(super) fn all(&self) -> &[Span] {
        &self.0
    }

    /// Those of one provider that are alike but for the metric as one.
    pub(super) fn into_brief(self) -> Vec<Span> {
        let mut brief: Vec<Span> = Vec::new();
        for span in self.0 {
            let alike = brief.iter_mut().find(|before| {
                (&before.start, &before.end, before.provider, &before.kind, before.reason, &before.mend)
                    == (&span.start, &span.end, span.provider, &span.kind, span.reason, &span.mend)
            });
            match alike {
                Some(before) => before.metrics.extend(span.metrics),
                None => brief.push(span),
            }
        }
        brief
    }

    pub(super) fn into_all(self) -> Vec<Span> {
        self.0
    }
}

fn merge(into: &mut Option<Evidence>, other: Option<Evidence>) {
    let (Some(into), Some(other)) = (into, other) else { return };
    // The older of the two; never, if one of them never was.
    into.listed_at = match (into.listed_at.take(), other.listed_at) {
        (Some(one), Some(other)) => Some(one.min(other)),
        _ => None,
    };
    for record in other.records {
        if into.records.len() < MOST_SHOWN && !into.records.contains(&record) {
            into.records.push(record);
        }
    }
    for note in other.notes {
        if into.notes.len() < MOST_SHOWN && !into.notes.contains(&note) {
            into.notes.push(note);
        }
    }
    into.last_error = into.last_error.take().or(other.last_error);
}
