"""Questions about certificates, and whether those who check them can."""

from mlpreflight.environment import Environment, Fetch
from mlpreflight.finding import Answer, failed, passed
from mlpreflight.resources.certificates import CrlPoint


def crl_can_be_fetched(point: CrlPoint, env: Environment) -> Answer:
    """Can the revocation list be fetched from the network in which the certificate is checked?"""
    url = point.url.known
    if not url.lower().startswith(("http://", "https://")):
        scheme = url.split(":", 1)[0]
        return failed(
            f"{url} is an address of the kind {scheme}, which no gateway fetches",
            point.view.at("distribution_points"),
            url=url,
            vantage=point.vantage,
        )
    (seen,) = env.see(Fetch(url, point.vantage))
    origin = f"from {point.vantage}" if point.vantage else "from the network that checks it"
    if seen.outcome == "answered":
        return passed(f"{url} can be fetched {origin}", point.view.at("distribution_points"))
    told = f"{seen.outcome}: {seen.detail}" if seen.detail else seen.outcome
    return failed(
        f"{url} cannot be fetched {origin} ({told})",
        point.view.at("distribution_points"),
        cause=f"{url} {origin}",
        url=url,
        vantage=point.vantage,
    )
