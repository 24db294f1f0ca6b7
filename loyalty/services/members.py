"""Members and their codes: the one place that writes them. Whoever listens hears of each new id (member_known).

Who did it is written down with what was changed; nothing where nothing was.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.utils.translation import gettext as _

from core.errors import Conflict, Invalid
from core.reasons import current_reason
from loyalty.events import member_known
from loyalty.member_data import CodeData, MemberData, cleaned_external_id
from loyalty.models import Code, Member, MemberEvent

Kind = MemberEvent.Kind


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Saved:
    member: Member
    outcome: Outcome


def members_by_id(ids: Iterable[str]) -> dict[str, Member]:
    """Which of these plain ids stand for whom: a code of a member, or a member's external id; a code wins.

    One statement. Those whose data were erased stand for nobody.
    """
    wanted = {text for text in ids if text and "\0" not in text}
    if not wanted:
        return {}
    known = Member.objects.filter(anonymized_at__isnull=True).order_by()
    by_code = known.filter(codes__value__in=wanted).annotate(found_by=F("codes__value"), precedence=Value(1))
    by_id = known.filter(external_id__in=wanted).annotate(found_by=F("external_id"), precedence=Value(0))
    rows = by_code.union(by_id, all=True)
    return {row.found_by: row for row in sorted(rows, key=lambda row: row.precedence)}


def save_member(external_id: str, data: MemberData, *, actor: str = "") -> Saved:
    """By a row of a file: create the member with this external id, or bring them to what is said.

    Raises Invalid that names the field, and Conflict for a member whose data were erased.
    """
    external_id, data = cleaned_external_id(external_id), data.cleaned()
    with transaction.atomic():
        member, is_new = Member.objects.get_or_create(external_id=external_id, defaults=data.columns)
        if is_new:
            _finish_new(member, data)
            _note(member, Kind.ADDED_BY_FILE, actor)
            return Saved(member, Outcome.CREATED)
        member = locked_member(member.pk)
        return Saved(member, _update(member, data, Kind.CHANGED_BY_FILE, actor))


def register_member(external_id: str, data: MemberData, *, actor: str = "") -> Saved:
    """By the API: create the member; the same call again finds them unchanged.

    Raises Invalid that names the field, and Conflict that does so where the member stands with other content.
    """
    external_id, data = cleaned_external_id(external_id), data.cleaned()
    with transaction.atomic():
        member, is_new = Member.objects.get_or_create(external_id=external_id, defaults=data.columns)
        if is_new:
            _finish_new(member, data)
            _note(member, Kind.ADDED_BY_API, actor)
            return Saved(member, Outcome.CREATED)
        if field := next(iter(_differences(member, data)), ""):
            raise Conflict(
                _("Member %(external_id)s exists already, with another value of “%(field)s”.")
                % {"external_id": external_id, "field": field},
                field=field,
            )
        return Saved(member, Outcome.UNCHANGED)


def change_member(member: Member, data: MemberData, *, actor: str = "") -> Member:
    """By the API: bring the member to what is said; the rest is left. Raises as save_member does."""
    data = data.cleaned()
    with transaction.atomic():
        member = locked_member(member.pk)
        _update(member, data, Kind.CHANGED_BY_API, actor)
        return member


def refuse_taken(ids: Iterable[str], *, member_pk: int | None, field: str) -> None:
    """Raises Invalid for the first of these ids and codes that stands for somebody else."""
    for text, other in members_by_id(ids).items():
        if other.pk != member_pk:
            raise Invalid(
                _("“%(text)s” stands for member %(other)s already.") % {"text": text, "other": other}, field=field
            )


def announce(member: Member, ids: Iterable[str]) -> None:
    """Call in the transaction in which these ids of the member became known."""
    if known := set(ids):
        member_known.send(Member, member=member, ids=known)


def locked_member(pk: int) -> Member:
    """The member as they are now, locked until the transaction ends. Raises Conflict for one who was erased."""
    # Rows that point to a member may be written meanwhile: who counts points has no reason to wait.
    member = Member.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
    if member.anonymized_at is not None:
        raise Conflict(_("The personal data of this member were erased; nothing can be changed any more."))
    return member


def _finish_new(member: Member, data: MemberData) -> None:
    refuse_taken([member.external_id], member_pk=member.pk, field="external_id")
    codes = _set_codes(member, data.codes or ())
    announce(member, {member.external_id, *codes})


def _update(member: Member, data: MemberData, kind: MemberEvent.Kind, actor: str) -> Outcome:
    differences = _differences(member, data)
    if not differences:
        return Outcome.UNCHANGED
    columns = [name for name in differences if name != "codes"]
    for name in columns:
        setattr(member, name, data.columns[name])
    if columns:
        member.save(update_fields=columns)
    if data.codes is not None and "codes" in differences:
        announce(member, _set_codes(member, data.codes))
    _note(member, kind, actor, differences)
    return Outcome.UPDATED


def _note(member: Member, kind: MemberEvent.Kind, actor: str, fields: Iterable[str] = ()) -> None:
    reason = "" if actor else current_reason()[:100]
    MemberEvent.objects.create(member=member, kind=kind, actor=actor, reason=reason, fields=", ".join(fields))


def _differences(member: Member, data: MemberData) -> list[str]:
    """The fields of which something else is said than what stands."""
    names = [name for name, value in data.columns.items() if getattr(member, name) != value]
    if data.codes is not None and {(code.value, code.is_loyalty_only) for code in data.codes} != set(
        member.codes.values_list("value", "is_loyalty_only")
    ):
        names.append("codes")
    return names


def _set_codes(member: Member, codes: Iterable[CodeData]) -> set[str]:
    """The member has these codes and no other. Returns those that are new."""
    standing = {code.value: code for code in member.codes.all()}
    wanted = {code.value: code.is_loyalty_only for code in codes}
    new = wanted.keys() - standing.keys()
    refuse_taken(new, member_pk=None, field="codes")
    member.codes.filter(value__in=standing.keys() - wanted.keys()).delete()
    for value in wanted.keys() & standing.keys():
        if standing[value].is_loyalty_only != wanted[value]:
            member.codes.filter(value=value).update(is_loyalty_only=wanted[value])
    try:
        with transaction.atomic():
            Code.objects.bulk_create(
                Code(member=member, value=value, is_loyalty_only=wanted[value]) for value in wanted if value in new
            )
    except IntegrityError as error:
        raise Invalid(_("One of these codes was given to another member just now."), field="codes") from error
    return new
