//! The methods: one table, from which requests are read, `describe` answers, and which `docs/serve.md`
//! restates. A method is an operation, and has its name.

use prometeu_packer::family;
use prometeu_packer::mutate::{
    AdoptAsset, Adoption, CreateAsset, Fix, ForgetAsset, Mutation, PlanId, QuarantineAsset, ReconcileAssets,
    RegisterAsset, RelocateAsset, RemoveAsset, RestoreAsset, SetIncluded, Undo,
};
use prometeu_packer::ops::{
    Blocker, BlockerCode, ConstantsRequest, DetailsRequest, DoctorRequest, ListOrder, ListRequest, Listing,
    Operation, PackContents, PackGoal, PackRequest, ValidateRequest,
};
use prometeu_packer::path::AssetPath;
use serde_json::Value;

use super::params::{Kind, Param, Params};
use super::session::Session;
use crate::commands::{create, pack};
use crate::wire::response_value;

/// An operation that can be asked for.
#[derive(Debug)]
pub(crate) struct Method {
    pub(crate) operation: Operation,
    /// What it takes; of a mutation without what all of them take, [`OF_MUTATIONS`].
    pub(crate) params: &'static [Param],
    pub(crate) run: Run,
}

/// How it is done.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Run {
    /// Planned, shown, applied.
    Mutation(fn(&Session, &Params) -> Result<Mutation, Blocker>),
    /// Answered at once.
    Answer(fn(&Session, &Params) -> Value),
    /// A mutation when that param is given, and else answered at once.
    Either(&'static str, fn(&Session, &Params) -> Value, fn(&Session, &Params) -> Result<Mutation, Blocker>),
}

/// What every mutation takes beside its own.
pub(crate) const OF_MUTATIONS: [Param; 2] =
    [Param::optional("plan_id", Kind::Text), Param::optional("consent", Kind::Flag)];

const ROOT: Param = Param::required("root", Kind::Text);
const ASSET: Param = Param::required("asset", Kind::Asset);
const STRICT: Param = Param::optional("strict", Kind::Flag);

/// All of them, in the order of [`Operation::ALL`].
pub(crate) static ALL: [Method; 22] = [
    Method {
        operation: Operation::InitWorkspace,
        params: &[],
        run: Run::Mutation(|_, _| Ok(Mutation::InitWorkspace)),
    },
    Method {
        operation: Operation::CreateAsset,
        params: &[
            ROOT,
            Param::required("type", Kind::Text),
            Param::optional("name", Kind::Text),
            Param::optional("from", Kind::Texts),
            Param::optional("tile_size", Kind::Number),
        ],
        run: Run::Mutation(create_asset),
    },
    Method {
        operation: Operation::RegisterAsset,
        params: &[ROOT, Param::optional("included", Kind::Flag)],
        run: Run::Mutation(|_, params| {
            let included = params.flag_or("included", true);
            Ok(Mutation::RegisterAsset(RegisterAsset { root: root(params, "root")?, included }))
        }),
    },
    Method {
        operation: Operation::AdoptAsset,
        params: &[ROOT, Param::required("as", Kind::Asset)],
        run: Run::Mutation(|_, params| {
            let adoption = match asset(params, "as") {
                new if new == "new" => Adoption::New,
                asset => Adoption::Existing(asset),
            };
            Ok(Mutation::AdoptAsset(AdoptAsset { root: root(params, "root")?, adoption }))
        }),
    },
    Method {
        operation: Operation::ForgetAsset,
        params: &[ASSET],
        run: Run::Mutation(|_, params| {
            Ok(Mutation::ForgetAsset(ForgetAsset { asset: asset(params, "asset") }))
        }),
    },
    Method {
        operation: Operation::RemoveAsset,
        params: &[ASSET, Param::optional("purge", Kind::Flag)],
        run: Run::Mutation(|_, params| {
            let (asset, purge) = (asset(params, "asset"), params.flag("purge"));
            Ok(Mutation::RemoveAsset(RemoveAsset { asset, purge }))
        }),
    },
    Method {
        operation: Operation::RelocateAsset,
        params: &[ASSET, Param::required("new_root", Kind::Text)],
        run: Run::Mutation(|_, params| {
            let (asset, new_root) = (asset(params, "asset"), root(params, "new_root")?);
            Ok(Mutation::RelocateAsset(RelocateAsset { asset, new_root }))
        }),
    },
    Method {
        operation: Operation::QuarantineAsset,
        params: &[Param::required("assets", Kind::Assets)],
        run: Run::Mutation(|_, params| {
            Ok(Mutation::QuarantineAsset(QuarantineAsset { assets: params.assets("assets") }))
        }),
    },
    Method {
        operation: Operation::RestoreAsset,
        params: &[Param::required("entry", Kind::Asset)],
        run: Run::Mutation(|_, params| {
            Ok(Mutation::RestoreAsset(RestoreAsset { entry: asset(params, "entry") }))
        }),
    },
    Method {
        operation: Operation::SetIncluded,
        params: &[Param::required("assets", Kind::Assets), Param::required("included", Kind::Flag)],
        run: Run::Mutation(|_, params| {
            let (assets, included) = (params.assets("assets"), params.flag("included"));
            Ok(Mutation::SetIncluded(SetIncluded { assets, included }))
        }),
    },
    Method {
        operation: Operation::Undo,
        params: &[Param::optional("change", Kind::Text)],
        run: Run::Mutation(undo),
    },
    Method {
        operation: Operation::ListAssets,
        params: &[
            Param::optional("family", Kind::OneOf(families)),
            Param::optional("excluded", Kind::Flag),
            Param::optional("unregistered", Kind::Flag),
            Param::optional("sort", Kind::OneOf(|| ListOrder::ALL.map(ListOrder::as_str).to_vec())),
        ],
        run: Run::Answer(|session, params| {
            response_value(&session.project.list_assets(&ListRequest {
                family: params.text("family").map(str::to_owned),
                excluded: params.flag("excluded"),
                unregistered: params.flag("unregistered"),
                sort: order(params.text("sort")),
            }))
        }),
    },
    Method {
        operation: Operation::ListQuarantined,
        params: &[],
        run: Run::Answer(|session, _| response_value(&session.project.list_quarantined())),
    },
    Method {
        operation: Operation::GetAssetDetails,
        params: &[ASSET],
        run: Run::Answer(|session, params| {
            let request = DetailsRequest { asset: asset(params, "asset") };
            response_value(&session.project.get_asset_details(&request))
        }),
    },
    Method {
        operation: Operation::Constants,
        params: &[STRICT],
        run: Run::Answer(|session, params| {
            let (strict, contents) = (session.is_strict(params), PackContents::PackSet);
            response_value(&session.project.constants(ConstantsRequest { strict, contents }))
        }),
    },
    Method {
        operation: Operation::WorkspaceStatus,
        params: &[],
        run: Run::Answer(|session, _| response_value(&session.project.workspace_status())),
    },
    Method {
        operation: Operation::Refresh,
        params: &[],
        run: Run::Answer(|session, _| response_value(&session.project.refresh_workspace())),
    },
    Method {
        operation: Operation::Doctor,
        params: &[STRICT, Param::optional("workspace", Kind::Flag), Param::optional("fix", Kind::Some)],
        run: Run::Either(
            "fix",
            |session, params| {
                let (strict, workspace) = (session.is_strict(params), params.flag("workspace"));
                response_value(&session.project.doctor(DoctorRequest { strict, workspace }))
            },
            |_, params| {
                let is_all = params.get("fix") == Some(&Value::Bool(true));
                Ok(Mutation::Fix(if is_all { Fix::All } else { Fix::These(params.texts("fix")) }))
            },
        ),
    },
    Method {
        operation: Operation::PackSummary,
        params: &[],
        run: Run::Answer(|session, _| response_value(&session.project.pack_summary())),
    },
    Method {
        operation: Operation::ValidatePack,
        params: &[STRICT],
        run: Run::Answer(|session, params| {
            let request = ValidateRequest { strict: session.is_strict(params) };
            response_value(&session.project.validate_pack(request))
        }),
    },
    Method {
        operation: Operation::Pack,
        params: &[Param::optional("out_dir", Kind::Path), Param::optional("check", Kind::Flag), STRICT],
        run: Run::Answer(|session, params| {
            let goal = if params.flag("check") { PackGoal::Check } else { PackGoal::Publish };
            let cache_dir = || pack::cache_dir(&session.printer, &session.project);
            response_value(&session.project.pack(&PackRequest {
                out_dir: session.path(params.text("out_dir").unwrap_or("build")),
                cache_dir:
                    (goal == PackGoal::Publish).then(|| session.cache_dir.get_or_init(cache_dir).clone()),
                strict: session.is_strict(params),
                contents: PackContents::PackSet,
                goal,
                listing: Listing::UnlessUnchanged,
            }))
        }),
    },
    Method {
        operation: Operation::Reconcile,
        params: &[Param::optional("assets", Kind::Assets)],
        run: Run::Mutation(|_, params| {
            Ok(Mutation::Reconcile(ReconcileAssets { assets: params.assets("assets") }))
        }),
    },
];

/// The method with that name.
pub(crate) fn find(name: &str) -> Option<&'static Method> {
    ALL.iter().find(|method| method.name() == name)
}

impl Method {
    /// Its name.
    pub(crate) const fn name(&self) -> &'static str {
        self.operation.as_str()
    }

    /// Everything that it takes.
    pub(crate) fn all_params(&self) -> Vec<Param> {
        match self.run {
            Run::Mutation(_) | Run::Either(..) => [self.params, &OF_MUTATIONS].concat(),
            Run::Answer(_) => self.params.to_vec(),
        }
    }
}

/// The names of all families.
pub(crate) fn families() -> Vec<&'static str> {
    family::ALL.iter().map(|family| family.name()).collect()
}

/// An order that was checked to be one, or the usual one.
fn order(name: Option<&str>) -> ListOrder {
    ListOrder::ALL.into_iter().find(|order| name == Some(order.as_str())).unwrap_or_default()
}

/// An asset that was checked to be given.
fn asset(params: &Params, name: &str) -> String {
    params.asset(name).unwrap_or_default()
}

/// A root that was checked to be given as a string.
fn root(params: &Params, name: &str) -> Result<AssetPath, Blocker> {
    let text = params.text(name).unwrap_or_default();
    AssetPath::parse(text).map_err(|problem| {
        let message = format!("`{text}` is no asset root: it {problem}");
        Blocker::new(BlockerCode::InvalidArgument, message)
            .help("A root is relative to `assets/`, with `/` between its parts, such as `ui/atlas`.")
    })
}

fn undo(_: &Session, params: &Params) -> Result<Mutation, Blocker> {
    let change = params.text("change").map(|typed| {
        let message = format!("`{typed}` is not the name of a change");
        let help = "Pass the `change` of the action that was proposed, or none.";
        PlanId::parse(typed).ok_or_else(|| Blocker::new(BlockerCode::InvalidArgument, message).help(help))
    });
    Ok(Mutation::Undo(Undo { change: change.transpose()? }))
}

fn create_asset(session: &Session, params: &Params) -> Result<Mutation, Blocker> {
    let root = root(params, "root")?;
    let family = params.text("type").unwrap_or_default().to_owned();
    let files: Vec<_> = params.texts("from").iter().map(|file| session.path(file)).collect();
    let tile_size = params.number("tile_size");
    if files.is_empty() && tile_size.is_some() {
        let message = "`tile_size` is of the pictures in `from`, and there are none";
        return Err(Blocker::new(BlockerCode::InvalidArgument, message)
            .help("Send the files with it, or leave it out."));
    }
    let from = create::given(&family, &files, tile_size)?;
    Ok(Mutation::CreateAsset(CreateAsset {
        root,
        family,
        name: params.text("name").map(str::to_owned),
        from,
    }))
}
