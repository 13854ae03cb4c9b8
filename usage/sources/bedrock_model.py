"""Bedrock's model ids and ARNs → the model and the geography that sets its price."""

import re

# Foundation models and AWS's own inference profiles name the model; other ARNs name a resource.
_ARN = re.compile(
    r"arn:aws[a-z-]*:bedrock:(?P<region>[a-z0-9-]*):\d*:"
    r"(?:foundation-model|inference-profile)/(?P<model>\S+)"
)
_GEOGRAPHY = re.compile(r"(?P<geography>global|us|us-gov|eu|apac|jp|au|ca)\.(?P<model>[a-z].*)")
# anthropic.claude-3-sonnet-20240229-v1:0:200k names a context size, not another model.
_CONTEXT_SIZE = re.compile(r"(?<=:\d):[0-9a-z]+$")


def bedrock_model(name: str) -> tuple[str, str | None]:
    """Return the model without its prefix and where it runs, None where the name does not say.

    A cross-region profile is priced by its geography, so that wins over an ARN's region.
    """
    region = None
    if arn := _ARN.fullmatch(name):
        name, region = arn["model"], arn["region"] or None
    if profile := _GEOGRAPHY.fullmatch(name):
        name, region = profile["model"], profile["geography"]
    return _CONTEXT_SIZE.sub("", name), region
