"""Questions about templates themselves: what Azure refuses before it deploys anything."""

from mlpreflight.finding import Answer, failed, not_applicable, passed
from mlpreflight.resources.several import first
from mlpreflight.resources.templates import Dependency, Template
from mlpreflight.values import NotEnoughEvidence, Unknown


def declares_what_it_waits_for(template: Template) -> Answer:
    """Does the template declare everything that its resources depend on?"""
    dependencies = template.dependencies
    if not dependencies.every and not dependencies.doubt:
        return not_applicable("nothing in it waits for anything", template.at())
    lost = first(dependencies, _is_lost)
    if lost is None:
        count = len(dependencies)
        told = "it declares what its one dependency names" if count == 1 else f"it declares all {count} that are named"
        return passed(told, template.at())
    return failed(
        f"{lost.resource_name} waits for {lost.on}, which the template does not declare",
        lost.at("on"),
        dependency=lost.on,
        resource=lost.resource_name,
    )


def _is_lost(dependency: Dependency) -> bool:
    known = dependency.look("is_declared")
    if isinstance(known, Unknown):
        told = f"whether the template declares {dependency.on}, which {dependency.resource_name} waits for"
        raise NotEnoughEvidence(known.within(f"{told}, depends on {known.cause}"))
    return not known.value


def has_values_that_azure_takes(template: Template) -> Answer:
    """Does every parameter have a value of its type, among those that are allowed, within its bounds?"""
    parameters = template.parameters
    if not parameters.every and not parameters.doubt:
        return not_applicable("none of its parameters is given a value or has bounds", template.at())
    wrong = first(parameters, lambda parameter: parameter.fault is not None and bool(parameter.fault.known))
    if wrong is None:
        return passed("every value is one that it takes", template.at())
    return failed(f"the parameter {wrong.own_name}: {wrong.fault}", wrong.at("fault"), parameter=wrong.own_name)


def is_given_parameters_that_it_has(template: Template) -> Answer:
    """Does the template have every parameter that it is given?"""
    given = template.given
    if not given.every and not given.doubt:
        return not_applicable("it is given no parameters", template.at())
    strange = first(given, lambda one: not one.is_declared)
    if strange is None:
        return passed("it has every parameter that it is given", template.at())
    return failed(
        f"it is given {strange.called}, and has no such parameter",
        strange.at("called"),
        cause=f"parameter `{strange.called}`",
        parameter=strange.called,
    )
