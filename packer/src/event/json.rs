//! The one place where an envelope becomes JSON.
//!
//! Members stand in the order of the table in `docs/events.md`; what is absent is left out. Numbers are
//! integers, times in milliseconds.

use std::fmt::Write as _;

use packer_format::json::write_string;

use super::{AffectedAsset, Event, EventKind, Progress};
use crate::pack::DirtyReason;

impl Event {
    /// The envelope as one JSON object without line breaks, for hosts that pass it on.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut envelope = Object::default();
        envelope.text("project_id", &self.project_id);
        envelope.text("operation_id", &self.operation_id.to_string());
        envelope.number("sequence", self.sequence);
        envelope.text("kind", self.kind.name());
        envelope.number("timestamp", self.timestamp);
        envelope.text("summary", &self.summary);
        if let Some(progress) = self.progress {
            envelope.json("progress", &of_progress(progress));
        }
        if !self.affected_assets.is_empty() {
            let assets: Vec<String> = self.affected_assets.iter().map(of_asset).collect();
            envelope.json("affected_assets", &format!("[{}]", assets.join(",")));
        }
        envelope.json("data", &data(&self.kind));
        envelope.end()
    }
}

fn of_progress(Progress { done, total, unit }: Progress) -> String {
    let mut progress = Object::default();
    progress.number("done", done);
    progress.number("total", total);
    progress.text("unit", unit);
    progress.end()
}

fn of_asset(asset: &AffectedAsset) -> String {
    let mut object = Object::default();
    if let Some(id) = asset.asset_id {
        object.number("asset_id", id.get().into());
    }
    if let Some(uuid) = asset.asset_uuid {
        object.text("asset_uuid", &uuid.to_string());
    }
    object.text("root", asset.root.as_str());
    object.end()
}

/// What belongs to a kind of event.
fn data(kind: &EventKind) -> String {
    let mut data = Object::default();
    match kind {
        EventKind::AssetDiscovered
        | EventKind::AssetChanged
        | EventKind::BuildStarted
        | EventKind::ProgressUpdated => {}
        EventKind::BuildFinished { status } => data.text("status", status.as_str()),
        EventKind::CacheHit { asset_id } => data.number("asset_id", asset_id.get().into()),
        EventKind::CacheMiss { asset_id, reason } => {
            data.number("asset_id", asset_id.get().into());
            data.text("reason", reason_name(reason));
            if let DirtyReason::InputChanged { file } = reason {
                data.text("file", file);
            }
            if let DirtyReason::DeclarationChanged { members } = reason {
                let members: Vec<String> = members.iter().map(|member| format!("\"{member}\"")).collect();
                data.json("members", &format!("[{}]", members.join(",")));
            }
        }
        EventKind::PreviewReady { plan_id } => data.text("plan_id", plan_id),
        EventKind::DiagnosticsUpdated { blocking, warnings } => {
            data.number("blocking", *blocking as u64);
            data.number("warnings", *warnings as u64);
        }
        EventKind::ActionApplied { action_id } => data.text("action_id", action_id),
        EventKind::ActionFailed { code } => data.text("code", code),
        EventKind::SnapshotStateChanged { state, generation } => {
            data.text("state", state);
            data.number("generation", generation.get());
        }
    }
    data.end()
}

/// The stable name of a reason; its words are in the event's `summary`.
const fn reason_name(reason: &DirtyReason) -> &'static str {
    match reason {
        DirtyReason::NoRecord => "no-record",
        DirtyReason::NewAsset => "new-asset",
        DirtyReason::DeclarationChanged { .. } => "declaration-changed",
        DirtyReason::InputChanged { .. } => "input-changed",
        DirtyReason::LastPackChanged => "last-pack-changed",
        DirtyReason::Requested => "requested",
    }
}

/// An object that is being written: its members so far, a comma between two.
#[derive(Debug, Default)]
struct Object(String);

impl Object {
    fn name(&mut self, name: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        quote(name, &mut self.0);
        self.0.push(':');
    }

    fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        quote(text, &mut self.0);
    }

    fn number(&mut self, name: &str, number: u64) {
        self.name(name);
        write!(self.0, "{number}").expect("a string takes everything");
    }

    /// A member whose value is JSON already.
    fn json(&mut self, name: &str, value: &str) {
        self.name(name);
        self.0.push_str(value);
    }

    fn end(mut self) -> String {
        if self.0.is_empty() {
            self.0.push('{');
        }
        self.0.push('}');
        self.0
    }
}

fn quote(text: &str, out: &mut String) {
    write_string(text, out).expect("a string takes everything");
}
