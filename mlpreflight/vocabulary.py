"""The words that users choose from, wherever they are asked: on the command line, in `env.yaml`, on a rule's page."""

PROFILES = ("current", "extension-2022", "aks-v1", "legacy-2019", "mlserver")
WORKLOADS = ("training", "inference", "mlserver", "workspace")
CLOUDS = ("AzureCloud", "AzureUSGovernment", "AzureChinaCloud")
SEVERITIES = ("block", "error", "warn", "info")
