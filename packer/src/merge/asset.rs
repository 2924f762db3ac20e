//! One asset: what three registries say of it, member by member.

use super::{Change, Contradiction, Side};
use crate::id::{AssetId, AssetUuid};
use crate::path::AssetPath;
use crate::schema::registry::Entry;

/// One asset that at least one side has.
#[derive(Debug)]
pub(super) struct Asset {
    pub(super) uuid: AssetUuid,
    /// The id that it has, whatever each side says.
    pub(super) id: AssetId,
    /// The one that it had in base.
    pub(super) base_id: Option<AssetId>,
    /// The other id, when each side gave it one.
    pub(super) other_id: Option<AssetId>,
    /// Whether builds take it in, where the sides agree or one of them changed it.
    included: Option<bool>,
    /// Its place, in the same manner.
    pub(super) root: Option<AssetPath>,
    ours: Option<State>,
    theirs: Option<State>,
    /// What of it a person has to decide. The one between two assets stands with the first.
    pub(super) contradictions: Vec<Contradiction>,
    /// Whether it is settled together with something that contradicts.
    pub(super) in_conflict: bool,
}

/// What one side says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    included: bool,
    root: AssetPath,
}

impl State {
    fn of(entry: &Entry) -> Self {
        Self { included: entry.included_in_build, root: entry.root.clone() }
    }
}

impl Asset {
    /// What became of the asset that base, ours and theirs have in this order; `None` when it is gone.
    /// `made_way` is whether its id of base is another asset's on the side that has it still.
    pub(super) fn merge([base, ours, theirs]: &[Option<&Entry>; 3], made_way: bool) -> Option<Self> {
        match (base, ours, theirs) {
            (_, None, None) => None,
            (_, Some(ours), Some(theirs)) => Some(Self::both(*base, ours, theirs)),
            (base, Some(kept), None) => Self::one(*base, kept, Side::Ours, made_way),
            (base, None, Some(kept)) => Self::one(*base, kept, Side::Theirs, made_way),
        }
    }

    /// Only `of` has it.
    fn one(base: Option<&Entry>, kept: &Entry, of: Side, made_way: bool) -> Option<Self> {
        let contradiction = match base {
            None => None,
            Some(base) => Some(Contradiction::Dropped {
                asset_id: kept.asset_id,
                root: kept.root.clone(),
                by: of.other(),
                // What did not change is gone as the other side wanted it.
                change: change(base, kept, made_way)?,
            }),
        };
        let state = Some(State::of(kept));
        let (ours, theirs) = if of == Side::Ours { (state, None) } else { (None, state) };
        Some(Self {
            uuid: kept.asset_uuid,
            id: kept.asset_id,
            base_id: base.map(|base| base.asset_id),
            other_id: None,
            included: Some(kept.included_in_build),
            root: contradiction.is_none().then(|| kept.root.clone()),
            ours,
            theirs,
            contradictions: contradiction.into_iter().collect(),
            in_conflict: false,
        })
    }

    /// The one side that has it, where base and the other have not.
    pub(super) fn new_of(&self) -> Option<Side> {
        match (self.base_id, &self.ours, &self.theirs) {
            (None, Some(_), None) => Some(Side::Ours),
            (None, None, Some(_)) => Some(Side::Theirs),
            _ => None,
        }
    }

    fn both(base: Option<&Entry>, ours: &Entry, theirs: &Entry) -> Self {
        let ids = [ours.asset_id, theirs.asset_id];
        let id = three(base.map(|base| &base.asset_id), &ids[0], &ids[1]);
        let included = three(
            base.map(|base| &base.included_in_build),
            &ours.included_in_build,
            &theirs.included_in_build,
        );
        let root = three(base.map(|base| &base.root), &ours.root, &theirs.root);
        let asset_id = id.unwrap_or(ids[0].min(ids[1]));
        let mut contradictions = Vec::new();
        if root.is_none() {
            let (ours, theirs) = (ours.root.clone(), theirs.root.clone());
            contradictions.push(Contradiction::TwoPlaces { asset_id, ours, theirs });
        }
        if included.is_none() {
            let included_by = if ours.included_in_build { Side::Ours } else { Side::Theirs };
            contradictions.push(Contradiction::Participation {
                asset_id,
                root: ours.root.clone(),
                included_by,
            });
        }
        Self {
            uuid: ours.asset_uuid,
            id: asset_id,
            base_id: base.map(|base| base.asset_id),
            other_id: id.is_none().then(|| ids[0].max(ids[1])),
            included,
            root,
            ours: Some(State::of(ours)),
            theirs: Some(State::of(theirs)),
            contradictions,
            in_conflict: false,
        }
    }

    /// Where messages say that it is.
    pub(super) fn place(&self) -> &AssetPath {
        let own = self.ours.as_ref().or(self.theirs.as_ref()).map(|state| &state.root);
        self.root.as_ref().or(own).expect("at least one side has it")
    }

    /// The place that `side` alone gives it; `None` when the other side has it there as well, or when the
    /// other side's place is the one that holds.
    pub(super) fn place_of(&self, side: Side) -> Option<&AssetPath> {
        let (own, other) =
            if side == Side::Ours { (&self.ours, &self.theirs) } else { (&self.theirs, &self.ours) };
        let own = &own.as_ref()?.root;
        let is_alone = other.as_ref().is_none_or(|other| other.root != *own);
        (is_alone && self.root.as_ref().is_none_or(|root| root == own)).then_some(own)
    }

    /// Its entry, when nothing contradicts.
    pub(super) fn entry(&self) -> Entry {
        let included = self.included.or(self.ours.as_ref().map(|state| state.included));
        self.of(included.unwrap_or_default(), self.place().clone())
    }

    /// Its entry as `side` has it, with what was settled.
    pub(super) fn entry_of(&self, side: Side) -> Option<Entry> {
        let state = if side == Side::Ours { self.ours.as_ref() } else { self.theirs.as_ref() }?;
        Some(self.of(self.included.unwrap_or(state.included), state.root.clone()))
    }

    fn of(&self, included_in_build: bool, root: AssetPath) -> Entry {
        Entry { asset_id: self.id, included_in_build, root, asset_uuid: self.uuid, position: 0 }
    }
}

/// What one member comes to; `None` when each side changed it in its own way.
fn three<T: Clone + PartialEq>(base: Option<&T>, ours: &T, theirs: &T) -> Option<T> {
    match base {
        _ if ours == theirs => Some(ours.clone()),
        Some(base) if base == ours => Some(theirs.clone()),
        Some(base) if base == theirs => Some(ours.clone()),
        _ => None,
    }
}

/// What a side did with an asset that it has still; `None` when nothing. That it made way for another asset, in a
/// merge, was nobody's wish.
fn change(base: &Entry, kept: &Entry, made_way: bool) -> Option<Change> {
    if base.root != kept.root {
        Some(Change::Moved { from: base.root.clone() })
    } else if base.included_in_build != kept.included_in_build {
        Some(if kept.included_in_build { Change::Included } else { Change::Excluded })
    } else {
        (base.asset_id != kept.asset_id && !made_way).then_some(Change::Numbered { from: base.asset_id })
    }
}
