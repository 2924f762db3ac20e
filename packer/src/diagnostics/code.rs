//! The codes: the stable names of everything the packer can find wrong.
//!
//! A code's name, class and one-line meaning stand together in one table, below. Adding a code
//! means one line here and one rule that raises it.

use std::fmt;

/// Whether a finding is about the managed world, or about tidiness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// The registry and what it manages contradict a rule.
    Structural,
    /// The workspace could be tidier; never blocks a build.
    Hygiene,
}

/// How loud a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Stops a build when it belongs to the pack set or to the registry.
    Error,
    /// Shown; stops a build only in strict mode.
    Warning,
    /// Advice.
    Info,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident $name:literal $category:ident $severity:ident;)+) => {
        /// The stable name of a kind of finding, unique in the whole project.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code { $($(#[doc = $doc])+ $variant,)+ }

        impl Code {
            /// Every code, in the order of the reference page.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name in kebab-case.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Structural or hygiene.
            #[must_use]
            pub const fn category(self) -> Category {
                match self { $(Self::$variant => Category::$category,)+ }
            }

            /// The severity that every finding of this code has.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)+ }
            }

            /// What the code says, in one line.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc,)+).trim_ascii(),)+ }
            }
        }
    };
}

codes! {
    /// There is no `assets/.prometeu/index.json`.
    RegistryMissing "registry-missing" Structural Error;
    /// The registry cannot be read as what it should be.
    RegistryInvalid "registry-invalid" Structural Error;
    /// The registry holds conflict markers of a version-control merge.
    RegistryConflictMarkers "registry-conflict-markers" Structural Error;
    /// The registry was written by a newer packer.
    RegistryVersionUnsupported "registry-version-unsupported" Structural Error;
    /// `next_asset_id` is not above every id in use.
    AllocatorBehind "allocator-behind" Structural Error;
    /// Two registry entries have the same `asset_id`.
    DuplicateAssetId "duplicate-asset-id" Structural Error;
    /// Two registry entries have the same `asset_uuid`.
    DuplicateAssetUuid "duplicate-asset-uuid" Structural Error;
    /// Two registry entries have the same `root`.
    DuplicateRoot "duplicate-root" Structural Error;
    /// A registered root lies inside another registered root.
    NestedRoot "nested-root" Structural Error;
    /// A registered root is not a folder on disk.
    RootMissing "root-missing" Structural Error;
    /// A registered root holds no `asset.json`.
    DeclarationMissing "declaration-missing" Structural Error;
    /// The declaration is not valid JSON, or a member is missing or of the wrong kind.
    DeclarationInvalid "declaration-invalid" Structural Error;
    /// The declaration was written for a newer packer.
    DeclarationVersionUnsupported "declaration-version-unsupported" Structural Error;
    /// The registry and the declaration name different uuids, or the declaration names none.
    UuidMismatch "uuid-mismatch" Structural Error;
    /// The declaration holds a member that only the registry may hold.
    FieldBelongsToRegistry "field-belongs-to-registry" Structural Error;
    /// `type` names no known family.
    UnknownType "unknown-type" Structural Error;
    /// `output.format` names no known format.
    UnknownFormat "unknown-format" Structural Error;
    /// `output.codec` is not `NONE`.
    UnknownCodec "unknown-codec" Structural Error;
    /// `output.format` belongs to another family than `type`.
    FormatNotOfType "format-not-of-type" Structural Error;
    /// A name of an older version is used.
    LegacyName "legacy-name" Structural Error;
    /// An input file is not there.
    InputMissing "input-missing" Structural Error;
    /// An input is a folder or something else that is not a regular file.
    InputNotAFile "input-not-a-file" Structural Error;
    /// An input's path leaves its asset root.
    InputOutsideRoot "input-outside-root" Structural Error;
    /// An input is there and cannot be read.
    InputUnreadable "input-unreadable" Structural Error;
    /// An input, or the payload it would make, is larger than the limit.
    InputTooLarge "input-too-large" Structural Error;
    /// An artifact names a file that is not among the inputs.
    ArtifactUnknownFile "artifact-unknown-file" Structural Error;
    /// Two artifacts claim the same index.
    ArtifactIndexDuplicate "artifact-index-duplicate" Structural Error;
    /// The artifact indices do not run from 0 without a gap.
    ArtifactIndexGap "artifact-index-gap" Structural Error;
    /// Too few or too many artifacts for the family.
    ArtifactCount "artifact-count" Structural Error;
    /// `output.metadata` lacks a member that the family needs.
    MetadataMissing "metadata-missing" Structural Error;
    /// A value in `output.metadata` or `output.codec_configuration` is none that the family allows or a pack can carry.
    MetadataInvalid "metadata-invalid" Structural Error;
    /// The same metadata key comes from two sources.
    MetadataCollision "metadata-collision" Structural Error;
    /// A glyph bank declares no palette.
    PaletteMissing "palette-missing" Structural Error;
    /// A glyph bank declares more palettes than 64.
    PaletteCount "palette-count" Structural Error;
    /// A palette's `index` is missing, out of range, or used twice.
    PaletteIndexInvalid "palette-index-invalid" Structural Error;
    /// A palette's `colors` are not 1 to 16 strings `#rrggbb`.
    PaletteColorsInvalid "palette-colors-invalid" Structural Error;
    /// A picture cannot be decoded.
    ImageInvalid "image-invalid" Structural Error;
    /// A picture's sides are not what the tile size asks for.
    ImageSize "image-size" Structural Error;
    /// No declared palette holds all colours of a tile.
    TileColors "tile-colors" Structural Error;
    /// A sound file cannot be decoded.
    SoundInvalid "sound-invalid" Structural Error;
    /// A sound has another rate, width or channel count than its bank.
    SoundFormat "sound-format" Structural Error;
    /// More assets ask for preload than the runtime has slots.
    PreloadSlots "preload-slots" Structural Error;
    /// A change was interrupted, and is neither finished nor taken back.
    JournalUnfinished "journal-unfinished" Structural Error;
    /// Two names differ only in letter case or Unicode form.
    CaseCollision "case-collision" Structural Error;
    /// A name on disk breaks the rules for roots and inputs.
    NameInvalid "name-invalid" Structural Error;
    /// Two assets would get the same Rust identifier.
    AddressCollision "address-collision" Structural Error;
    /// A tile fits several palettes with different indices.
    FragileTileIndices "fragile-tile-indices" Structural Warning;
    /// A member that this version does not know.
    UnknownMember "unknown-member" Structural Warning;
    /// A declaration on disk is not in the registry.
    OrphanDeclaration "orphan-declaration" Hygiene Info;
    /// A folder that is not in the registry carries the uuid of an asset that is in its place.
    CopiedRoot "copied-root" Hygiene Info;
    /// A folder that is not in the registry carries the uuid of an asset whose own root is missing.
    RelocatedRoot "relocated-root" Hygiene Info;
    /// Inputs in different places hold the same bytes.
    DuplicateContent "duplicate-content" Hygiene Info;
    /// A file in a registered root is named by no input.
    UnreferencedFile "unreferenced-file" Hygiene Info;
    /// A file of 1 MiB or more in a registered root is named by no input.
    LargeUnusedFile "large-unused-file" Hygiene Info;
    /// Several registered assets have the same `name`.
    DuplicateName "duplicate-name" Hygiene Info;
    /// A name on disk is one that Windows cannot hold.
    NameStyle "name-style" Hygiene Info;
    /// Something that interrupted work left behind.
    StagingLeftover "staging-leftover" Hygiene Info;
    /// A folder under `assets/` cannot be listed.
    FolderUnreadable "folder-unreadable" Hygiene Info;
    /// Build scripts hash and decode the art unoptimised.
    SlowBuildProfile "slow-build-profile" Hygiene Info;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        })
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Structural => "structural",
            Self::Hygiene => "hygiene",
        })
    }
}
