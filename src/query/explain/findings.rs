//! What each provider has or lacks of each metric on a day, and the evidence.

use serde_json::Value;

use super::{
    Evidence, EvidenceRecord, feeders,
    remedy::{mend, text},
    spans::Finding,
    stored::{Loaded, lister},
    wear,
};
use crate::{
    days::wear::of_worn,
    error::{Code, Reported, Result},
    model::{metric::Metric, time::Day},
    providers::{
        self,
        catalogue::{Provider, Resource},
    },
    query::{Range, daily::reasons, dates::shown_millis, freshness::last_error},
    store::Row,
};

/// Records shown as evidence.
const MOST_RECORDS: usize = 3;

pub(super) const HAS_VALUE: &str = "has_value";
const IMPLAUSIBLE: &str = "implausible";

/// What is known of one metric of one day from one resource.
struct Known {
    provider: &'static Provider,
    resource: &'static Resource,
    code: &'static str,
    notes: Vec<String>,
    error: Option<Reported>,
}

impl Loaded<'_> {
    /// One finding for each provider and metric that it could have.
    pub(super) fn day(&self, day: Day) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        for metric in self.metrics {
            for provider in providers::ALL {
                let mut best: Option<Known> = None;
                for (_, resource) in feeders(metric).filter(|(other, _)| other.id == provider.id) {
                    let known = self.known(metric, provider, resource, day)?;
                    best = Some(match best {
                        Some(before) if !more_telling(known.code, before.code) => before,
                        _ => known,
                    });
                }
                if let Some(known) = best {
                    findings.push(self.finding(metric, known, day)?);
                }
            }
        }
        Ok(findings)
    }

    fn known(
        &self,
        metric: &'static Metric,
        provider: &'static Provider,
        resource: &'static Resource,
        day: Day,
    ) -> Result<Known> {
        let mut known = Known { provider, resource, code: HAS_VALUE, notes: Vec::new(), error: None };
        let date = day.to_string();
        let bounds = Range::days(day, day, &self.context.zone).bounds()?;
        let rows = self.rows(provider, resource, &date);
        let values = self.values(metric, provider, resource, rows, &date);
        if values.iter().any(|value| metric.is_plausible(*value))
            || (resource.sampled().any(|id| id == metric.id)
                && self.samples(provider, metric.id, bounds)? > 0)
        {
            return Ok(known);
        }
        if !values.is_empty() {
            known.code = IMPLAUSIBLE;
            return Ok(known);
        }
        // What is asked for record by record is missing because its record is, or because it was not in it.
        let lister = lister(provider, resource);
        let by_record = lister.name != resource.name;
        let rows = if by_record { &[] } else { rows };
        known.code = self.missing.reason(
            self.context,
            provider,
            lister,
            (metric, &of_worn(resource, rows.iter().collect())),
            (day, bounds),
        );
        match known.code {
            "sync_failed" => {
                let trouble = self.context.past()?.failure(provider.id, lister.name);
                // Another resource's failure is not what this one waits for.
                known.code = match &trouble {
                    None => "not_synced",
                    Some(trouble) if is_the_providers(trouble) => "provider_error",
                    Some(_) => "sync_failed",
                };
                known.error = trouble.cloned();
            }
            "needs_login" => known.error = last_error(self.context, provider)?,
            reasons::NOT_WORN => known.notes = wear::unworn_records(provider, resource, rows),
            reasons::NO_RECORD | reasons::NOT_ARRIVED | reasons::NO_NAP
                if by_record && !self.rows(provider, lister, &date).is_empty() =>
            {
                known.code = "not_provided";
            }
            reasons::NO_RECORD | reasons::NOT_ARRIVED | reasons::NO_NAP => {
                known.notes = wear::not_worn(self, provider, metric, day)?.into_iter().collect();
                known.code = match known.code {
                    _ if !known.notes.is_empty() => reasons::NOT_WORN,
                    reasons::NO_RECORD => "empty_upstream",
                    other => other,
                };
                if known.code == reasons::NOT_ARRIVED {
                    known.notes.extend(self.missing.newest(self.context, provider));
                }
            }
            _ => {}
        }
        Ok(known)
    }

    fn finding(&self, metric: &'static Metric, known: Known, day: Day) -> Result<Finding> {
        let Known { provider, resource, code, notes, error } = known;
        let date = day.to_string();
        let score_state = |row: &Row| {
            let at = resource.score.as_ref()?.at;
            let body: Value = serde_json::from_str(&row.body).ok()?;
            body.pointer(at).and_then(Value::as_str).map(str::to_owned)
        };
        let kind = format!("{}.{}", provider.id, resource.name);
        let records = self.rows(provider, resource, &date).iter().take(MOST_RECORDS).map(|row| {
            EvidenceRecord { kind: kind.clone(), id: row.id.clone(), score_state: score_state(row) }
        });
        let is_to_come = day > self.context.zone.to_datetime(self.context.now).date();
        let about = reasons::about(provider, metric);
        Ok(Finding {
            provider: provider.id,
            metric: metric.id,
            reason: code,
            text: text(code, about, is_to_come),
            mend: mend(self.context, (code, about, is_to_come), provider, resource)?,
            evidence: Evidence {
                listed_at: self
                    .listed_at(provider, resource, day)?
                    .and_then(|at| shown_millis(at, &self.context.zone)),
                records: records.collect(),
                notes,
                last_error: error,
            },
            kind,
        })
    }
}

/// Of several resources of one provider: a value first, a record before samples, then what says most.
fn more_telling(one: &'static str, other: &'static str) -> bool {
    one != other && other != HAS_VALUE && (one == HAS_VALUE || reasons::better(one, other) == one)
}

fn is_the_providers(trouble: &Reported) -> bool {
    [Code::UpstreamError, Code::RateLimited].iter().any(|code| code.row().name == trouble.code)
}
