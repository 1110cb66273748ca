"""Templates themselves, as their reader tells of them: what they wait for, and the parameters that they are given."""

from mlpreflight.resources.attributes import flag, many, text
from mlpreflight.resources.view import View


class Dependency(View, label="dependency", bare=True):
    """One entry of a `dependsOn`, and whether the template declares what it names."""

    resource_name = text("resource", absent="")
    on = text("dependsOn", absent="")
    is_declared = flag("declared")


class Parameter(View, label="parameter", bare=True):
    """A parameter that is given a value, or whose values have bounds; `fault` says why Azure would refuse its value."""

    fault = text("fault")


class GivenParameter(View, label="given parameter", bare=True):
    """A value that a parameter file, or a deployment around the template, gives; and whether there is a parameter."""

    called = text("name", absent="")
    is_declared = flag("declared")


class Template(View, type="Preflight/templates", label="template"):
    """A template, or a template nested in another."""

    dependencies = many("dependencies", kind=Dependency)
    parameters = many("parameters", kind=Parameter)
    given = many("givenParameters", kind=GivenParameter)
