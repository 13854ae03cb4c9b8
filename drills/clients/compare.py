"""Compare, call by call, what the provider counted, what the emitter said and what is stored."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

from drills.clients.ledger import Stored
from drills.clients.provider import Call, Counts
from drills.clients.sent import Said


@dataclass(slots=True)
class Comparison:
    """How an emitter fared: `unsaid` is the emitter's doing, `wrong` is tknOps'."""

    calls: int = 0
    equal: int = 0
    unsaid: dict[str, list[str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def leave_out(self, what: str, case: str) -> None:
        """Note what an emitter does not say."""
        self.unsaid.setdefault(what, []).append(case)


def compare(calls: Sequence[Call], said: Sequence[Said], stored: Sequence[Stored]) -> Comparison:
    """Match each call with its line of the ledger; lines left over were counted twice."""
    found = Comparison(len(calls))
    left = [line for line in stored if not _cached(line)]
    for call in calls:
        if not call.failed:
            _compare_answered(found, call, said, left)
    for case in dict.fromkeys(call.case for call in calls if call.failed):
        _compare_failed(found, case, calls, said, left)
    for line in left:
        found.wrong.append(f"{line.case or '?'}: a line no call stands behind, {_shown(line)}")
    return found


def _compare_answered(
    found: Comparison, call: Call, said: Sequence[Said], left: list[Stored]
) -> None:
    about = [one for one in said if _amount(call.counts) in one.numbers and not one.failed]
    line = next((one for one in left if _amount(one.counts) == _amount(call.counts)), None)
    if line is None:
        if about:
            found.wrong.append(f"{call.case}: lost, though its usage was sent")
        else:
            found.leave_out("usage" if call.told else "usage (not asked for)", call.case)
        return
    left.remove(line)
    numbers = frozenset[int]().union(*(one.numbers for one in about))
    texts = frozenset[str]().union(*(one.texts for one in about))
    expected = as_said(call.counts, numbers)
    for name, value in asdict(expected).items():
        if getattr(line.counts, name) != value:
            got = getattr(line.counts, name)
            found.wrong.append(f"{call.case}: {name} {got:,} stored, {value:,} sent")
    complete = _circumstances(found, call, line, texts)
    for name, value in asdict(call.counts).items():
        if name != "input_tokens" and getattr(expected, name) != value:
            found.leave_out(name, call.case)
            complete = False
    found.equal += complete and line.counts == call.counts


def as_said(counts: Counts, numbers: frozenset[int]) -> Counts:
    """Return what can be known of the counts from these numbers; the rest counts as input."""

    def known(value: int) -> int:
        return value if value in numbers else 0

    read = known(counts.cache_read_tokens)
    write, hour = known(counts.cache_write_tokens), known(counts.cache_write_1h_tokens)
    both = counts.cache_write_tokens + counts.cache_write_1h_tokens
    if not hour and both in numbers:
        write = both
    beside = counts.given not in numbers and counts.input_tokens in numbers
    return replace(
        counts,
        input_tokens=counts.input_tokens if beside else counts.given - read - write - hour,
        cache_read_tokens=read,
        cache_write_tokens=write,
        cache_write_1h_tokens=hour,
        reasoning_tokens=known(counts.reasoning_tokens),
    )


def _circumstances(found: Comparison, call: Call, line: Stored, texts: frozenset[str]) -> bool:
    """Compare provider, model, customer and feature; False where the emitter leaves one out."""
    complete = True
    wanted = {
        "provider": (line.provider, call.provider),
        "model": (line.model, call.model),
        "customer": (line.customer, "acme"),
        "feature": (line.feature, "drill"),
    }
    for name, (got, value) in wanted.items():
        if got == value:
            continue
        if name == "model" and got == call.asked:
            found.leave_out("the model that answered, but the one asked for", call.case)
        elif any(value == text or f'"{value}"' in text for text in texts):
            found.wrong.append(f"{call.case}: {name} {got!r} stored, {value!r} sent")
        else:
            found.leave_out(name, call.case)
            complete = False
    if line.outcome != "ok":
        found.wrong.append(f"{call.case}: outcome {line.outcome!r}")
    return complete


def _compare_failed(
    found: Comparison, case: str, calls: Sequence[Call], said: Sequence[Said], left: list[Stored]
) -> None:
    """Compare how often a case failed; an SDK that retries by itself tells only the end."""
    happened = sum(call.failed for call in calls if call.case == case)
    lines = [line for line in left if line.outcome == "error" and line.case == case]
    for line in lines:
        left.remove(line)
    told = min(happened, sum(one.failed and one.names(case) for one in said))
    if len(lines) != told:
        found.wrong.append(f"{case}: {len(lines)} failures stored, {told} sent")
    for _ in range(happened - told):
        found.leave_out("failure", case)
    found.equal += min(len(lines), told)


def _amount(counts: Counts) -> int:
    """Return the figure a call is known by: its output, of an embedding its input."""
    return counts.output_tokens or counts.given


def _cached(line: Stored) -> bool:
    """Tell whether a line is an answer from the emitter's cache: no call, nothing bought."""
    return line.outcome == "cache_hit" and line.counts == Counts() and not line.stated


def _shown(line: Stored) -> str:
    return (
        f"{line.provider} {line.model} {line.outcome} {line.counts.given:,} in, "
        f"{line.counts.output_tokens:,} out"
    )
