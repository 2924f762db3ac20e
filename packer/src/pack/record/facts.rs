//! What a pack says of each asset, as bytes.

use super::RecordedAsset;
use super::bytes::{Reader, Writer};
use super::proof::Trace;
use crate::diagnostics::{Anchor, Code, Finding, Pointer};
use crate::family::{self, NumberedArtifact};
use crate::id::{AssetId, AssetUuid};
use crate::pack::facts::{Facts, InputFacts};
use crate::pack::fingerprint::Key;
use crate::path::AssetPath;

impl Writer {
    /// All of an asset that is not in its trace.
    pub(super) fn facts(&mut self, asset: &RecordedAsset) {
        let Facts { name, family, preload, key, inputs, artifacts, .. } = &*asset.facts;
        let Facts { size, decoded_size, derived, metadata, pipeline, .. } = &*asset.facts;
        // What follows from the assets follows from here: where they lie is said once more.
        self.u32(asset.asset_id.get());
        self.text(asset.root.as_str());
        self.digest(&asset.text);
        self.digest(&asset.payload);
        self.u64(asset.offset);
        self.list(&asset.warnings, Self::finding);
        self.text(name);
        self.text(family.name());
        self.0.push(u8::from(*preload));
        key.0.iter().for_each(|part| self.0.extend_from_slice(part));
        self.list(inputs, |to, input| {
            to.text(&input.role);
            to.text(&input.file);
            to.option(input.digest.as_ref(), Self::digest);
        });
        self.list(artifacts, |to, artifact| {
            to.len(artifact.input);
            to.u32(artifact.index);
            to.u32(artifact.count);
        });
        self.u64(*size);
        self.u64(*decoded_size);
        self.text(derived);
        self.text(metadata);
        self.option(pipeline.as_ref(), |to, pipeline| to.text(pipeline));
    }

    fn finding(&mut self, finding: &Finding) {
        let (kind, place) = match &finding.anchor {
            Anchor::Key(pointer) => (0, pointer.to_string()),
            Anchor::Value(pointer) => (1, pointer.to_string()),
            Anchor::Input(n) => (2, n.to_string()),
            // Bytes are of a text that may be gone; a finding about content never has them.
            Anchor::File | Anchor::Bytes(_) => (3, String::new()),
        };
        self.text(finding.code.as_str());
        self.0.push(kind);
        self.text(&place);
        self.text(&finding.message);
        self.option(finding.label.as_ref(), |to, text| to.text(text));
        self.option(finding.help.as_ref(), |to, text| to.text(text));
    }
}

impl Reader<'_> {
    /// The asset that has that trace and these facts.
    pub(super) fn asset(&mut self, trace: &Trace<'_>) -> Option<RecordedAsset> {
        let (asset_id, root, text) = (self.u32()?, AssetPath::parse(self.text()?).ok()?, self.digest()?);
        if (asset_id, root.as_str()) != (trace.asset_id, trace.root) {
            return None;
        }
        let (payload, offset) = (self.digest()?, self.u64()?);
        let warnings = self.list(Self::finding)?;
        let (name, family) = (self.text()?.to_owned(), family::by_name(self.text()?)?);
        let preload = self.u8()? != 0;
        let key = Key([self.take()?, self.take()?, self.take()?, self.take()?, self.take()?]);
        let (seen, stamps) = trace.seen()?;
        let mut stamps = stamps.into_iter();
        let inputs = self.list(|from| {
            Some(InputFacts {
                role: from.text()?.to_owned(),
                file: from.text()?.to_owned(),
                stamp: stamps.next()?,
                digest: from.option(Self::digest)?,
            })
        })?;
        let count = inputs.len();
        let artifacts = self.list(|from| {
            let input = from.len().filter(|input| *input < count)?;
            Some(NumberedArtifact { input, index: from.u32()?, count: from.u32()? })
        })?;
        let (size, decoded_size) = (self.u64()?, self.u64()?);
        let (derived, metadata) = (self.object()?, self.object()?);
        let pipeline = self.option(|from| from.text().map(str::to_owned))?;
        let facts = Facts {
            name,
            family,
            preload,
            key,
            inputs,
            artifacts,
            size,
            decoded_size,
            derived,
            metadata,
            pipeline,
        };
        Some(RecordedAsset {
            asset_id: AssetId::try_from(u64::from(asset_id)).ok()?,
            asset_uuid: AssetUuid::from_bytes(trace.asset_uuid),
            root,
            facts: facts.into(),
            payload,
            offset,
            warnings,
            text,
            seen: trace.is_seen.then_some(seen),
        })
    }

    /// A text that is an object, by its looks: a checksum has told accidents.
    fn object(&mut self) -> Option<String> {
        self.text().filter(|text| text.starts_with('{') && text.ends_with('}')).map(str::to_owned)
    }

    fn finding(&mut self) -> Option<Finding> {
        let code = self.text()?;
        let kind = self.u8()?;
        let place = self.text()?;
        let anchor = match kind {
            0 => Anchor::Key(Pointer::parse(place)?),
            1 => Anchor::Value(Pointer::parse(place)?),
            2 => Anchor::Input(place.parse().ok()?),
            3 => Anchor::File,
            _ => return None,
        };
        Some(Finding {
            code: *Code::ALL.iter().find(|known| known.as_str() == code)?,
            anchor,
            message: self.text()?.to_owned(),
            label: self.option(|from| from.text().map(str::to_owned))?,
            help: self.option(|from| from.text().map(str::to_owned))?,
            // What is kept are warnings; only errors are about two places.
            related: None,
        })
    }
}
