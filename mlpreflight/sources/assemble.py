"""From what was read to the environment that is judged: children folded, profile and workloads settled."""

from dataclasses import replace
from datetime import date

from mlpreflight.environment import Environment, TagList
from mlpreflight.resources import inference
from mlpreflight.resources.aks import ManagedCluster
from mlpreflight.resources.children import fold
from mlpreflight.resources.keyvault import KeyVault
from mlpreflight.resources.machine_learning import Workspace
from mlpreflight.resources.storage import StorageAccount
from mlpreflight.sources.declared import Declared


def assemble(declared: Declared, today: date, tags: TagList | None = None) -> Environment:
    """The environment of one reading. What nobody said is inferred or taken for granted, and named as such."""
    settings = declared.settings
    env = Environment(
        name=declared.name,
        resources=fold(declared.resources),
        as_of=settings.as_of or today,
        cloud=settings.cloud or "AzureCloud",
        complete=settings.complete,
        roles=settings.roles,
        observations=declared.observations,
        tags=tags,
    )
    assumed: list[str] = []
    profile = settings.profile
    if profile is None:
        profile = "mlserver" if inference.deploys_ml_server(env) else "current"
        reason = "ML Server images are deployed" if profile == "mlserver" else "nothing says another (--profile)"
        assumed.append(f"profile {profile}: {reason}")
    workloads = frozenset(settings.workloads) or inference.workloads(env)
    if not settings.workloads:
        assumed.append(f"workloads {', '.join(sorted(workloads))}: told from the resources (--workload)")
    if settings.cloud is None:
        assumed.append("cloud AzureCloud: nothing says another (--cloud)")
    if workloads != {"mlserver"}:
        assumed += _taken_for_the_workspaces(env)
    return replace(env, profile=profile, workloads=workloads, assumed=tuple(assumed))


def _taken_for_the_workspaces(env: Environment) -> list[str]:
    if env.all(Workspace)[0]:
        return []
    sentences: list[str] = []
    for kind in (StorageAccount, KeyVault, ManagedCluster):
        names = [view.name.written for view in env.all(kind)[0]]
        if names:
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            taken = f"{kind.label}{'s' if names[1:] else ''} {', '.join(names[:3])}{more}"
            are = "are" if names[1:] else "is"
            sentences.append(f"{taken} {are} taken for the workspace's: there is no workspace among the inputs")
    return sentences
