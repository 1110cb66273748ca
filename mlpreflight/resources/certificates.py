"""Certificates that the environment declares, and the revocation lists that their validators must fetch."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from mlpreflight.environment import Environment
from mlpreflight.resources.attributes import text, words
from mlpreflight.resources.roles import Part
from mlpreflight.resources.view import View
from mlpreflight.values import NotEnoughEvidence, Text


class Certificate(View, type="Preflight/certificates", label="certificate"):
    """A certificate of the environment. Azure has no type for it, so it is declared in `env.yaml`.

    `crlDistributionPoints` are the addresses its issuer names; `validatedFrom` the networks that check it.
    """

    file = text("file")
    distribution_points = words("crlDistributionPoints")
    validated_from = words("validatedFrom")


@dataclass(eq=False, repr=False)
class CrlPoint(Part[Certificate]):
    """One revocation list of one certificate, seen from one network that has to fetch it."""

    label: ClassVar[str] = "CRL distribution point"
    url: Text
    vantage: str

    @classmethod
    def found_in(cls, env: Environment) -> Iterator[Self]:
        certificates, _ = env.all(Certificate)
        unread: Certificate | None = None
        for certificate in certificates:
            points = certificate.distribution_points
            if not points.sure and certificate.file is not None:
                unread = unread or certificate
            vantages = [vantage.known for vantage in certificate.validated_from] or [""]
            for url in points:
                for vantage in vantages:
                    yield cls(certificate, certificate.doubt, url, vantage)
        if unread:
            raise NotEnoughEvidence.because(
                f"the distribution points of {unread.name} are not declared: name them under crlDistributionPoints",
                f"crlDistributionPoints of {unread.name}",
            )

    @property
    def name(self) -> Text:
        return self.view.name + " " + self.url
