"""What configuration was before, and who made it what it is.

django-simple-history brings a table beside each model and knows who is signed in. What its rows say besides is ours:
what changed, by fields, and at which store; in one row all that one request did to an object, whether it saved the
object or gave it groups. A save that changes nothing leaves no row.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Model, QuerySet
from django.db.models.signals import m2m_changed, pre_save
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.models import HistoricalRecords

from core.reasons import current_reason
from core.request_ids import RequestIdField

CREATED, CHANGED, DELETED = "+", "~", "-"
DONE = {CREATED: gettext_lazy("Added"), CHANGED: gettext_lazy("Changed"), DELETED: gettext_lazy("Deleted")}
NOTHING = "–"


class Recorded(models.Model):
    """What each row of a history has besides a copy of its object.

    `changes` are names of fields with raw values, put into words when they are read; what they point to is named as it
    was called that day. `at_store` is no key: it outlives the store.
    """

    actor = models.CharField(max_length=150, blank=True, help_text="Empty: nobody was signed in.")
    called = models.CharField(max_length=200, help_text="The object's name that day.")
    at_store = models.BigIntegerField(null=True)
    changes = models.JSONField(default=list)
    request_id = RequestIdField()

    class Meta:
        abstract = True


class History(HistoricalRecords):
    """`history = History(store="store")` on a model.

    `store` is the way to the object's store, `pk` for a store itself. `part_of` is the way to the object on whose page
    this one is edited. `sets` are the fields that hold many. Of `secret` fields is told that they were changed, and no
    value is kept; `untold` ones are not kept at all. `unnamed` ones are kept as a number and not called by a name:
    members, who can be erased. `only_people`: what nobody signed in does is not written down.
    """

    def __init__(
        self,
        *,
        store: str = "",
        part_of: str = "",
        sets: Collection[str] = (),
        secret: Collection[str] = (),
        untold: Collection[str] = (),
        unnamed: Collection[str] = (),
        called: Any = str,
        only_people: bool = False,
        **options: Any,
    ) -> None:
        self.store = store
        self.part_of = part_of
        self.sets = sets
        self.secret = secret
        self.unnamed = unnamed
        self.called = called
        self.only_people = only_people
        super().__init__(
            bases=[Recorded],
            history_id_field=models.BigAutoField(),
            history_user_id_field=models.BigIntegerField(null=True),
            excluded_fields=[*secret, *untold],
            **options,
        )

    # --- The table ---------------------------------------------------------------------------------------------

    @property
    def object_field(self) -> str:
        """Of a row: which object's page tells it."""
        return f"{self.part_of}_id" if self.part_of else "id"

    def create_history_model(self, model: Any, inherited: bool) -> Any:
        # A copy of an index is not looked into by anybody.
        self.no_db_index = [field.name for field in model._meta.fields]
        table = super().create_history_model(model, inherited)
        table.records = self
        return table

    def get_meta_options(self, model: Any) -> dict[str, Any]:
        name, newest = model._meta.model_name, ["-history_date", "-history_id"]
        indexes = [
            models.Index(fields=[self.part_of or "id", "-history_id"], name=f"{name}_log_by_object"),
            models.Index(fields=newest, name=f"{name}_log_by_time"),
            models.Index(fields=["actor", *newest], name=f"{name}_log_by_actor"),
        ]
        if self.store:
            indexes.append(models.Index(fields=["at_store", *newest], name=f"{name}_log_by_store"))
        options: dict[str, Any] = super().get_meta_options(model)
        return options | {"indexes": indexes, "default_permissions": ()}

    def finalize(self, sender: Any, **kwargs: Any) -> None:
        super().finalize(sender, **kwargs)
        if sender is self.cls:
            pre_save.connect(self._before_save, sender=sender, weak=False)
            for name in self.sets:
                through = sender._meta.get_field(name).remote_field.through
                m2m_changed.connect(partial(self._set_changes, name=name), sender=through, weak=False)

    # --- Its rows ----------------------------------------------------------------------------------------------

    def _before_save(self, instance: Any, raw: bool, update_fields: Collection[str] | None, **kwargs: Any) -> None:
        """What stands in the database, whatever way it came there."""
        told = [f for f in self._told() if update_fields is None or {f.name, f.attname} & set(update_fields)]
        names = [] if raw or instance._state.adding else [field.attname for field in told]
        rows = self.cls._base_manager.filter(pk=instance.pk).values(*names)
        instance._stood = (rows.first() or {}) if names else {}

    def create_historical_record(self, instance: Any, history_type: str, using: str | None = None) -> None:
        """Called by the library after each save and each deletion."""
        if history_type == CHANGED:
            changes = self._changes(instance, instance._stood)
        else:
            values = [self._value(field, instance) for field in self._told() if field.name not in self.secret]
            key = "new" if history_type == CREATED else "old"
            changes = [{"name": name, key: value} for name, value in values if value not in (None, "", [])]
        if changes or history_type != CHANGED:
            self._write(instance, history_type, changes)

    def _set_changes(
        self, instance: Any, action: str, reverse: bool, model: Any, pk_set: set[Any] | None, name: str, **kwargs: Any
    ) -> None:
        """`person.groups.add(group)`; in reverse it is `group.user_set.add(person)`."""
        if action not in {"post_add", "pre_remove", "pre_clear"}:
            return
        field = self.cls._meta.get_field(name)
        held = getattr(instance, field.remote_field.get_accessor_name() if reverse else name)
        others = model._base_manager.filter(pk__in=pk_set or ()) if action == "post_add" else held.all()
        found = list(others if pk_set is None else others.filter(pk__in=pk_set))
        key = "new" if action == "post_add" else "old"
        for changed, names in [(one, [instance]) for one in found] if reverse else [(instance, found)]:
            if names:
                self._write(changed, CHANGED, [{"name": name, key: sorted(map(_name, names))}])

    def _changes(self, instance: Any, stood: Mapping[str, Any]) -> list[dict[str, Any]]:
        changes: list[dict[str, Any]] = []
        for field in self._told():
            if field.attname not in stood:
                continue
            old, new = stood[field.attname], field.to_python(getattr(instance, field.attname))
            if old == new:
                continue
            if field.name in self.secret:
                changes.append({"name": field.name})
                continue
            if field.is_relation:
                old = _name(field.related_model._base_manager.filter(pk=old).first())
            changes.append({"name": field.name, "old": _plain(old), "new": self._value(field, instance)[1]})
        return changes

    def _told(self) -> list[Any]:
        """The fields whose changes are told."""
        kept = [field for field in self.fields_included(self.cls) if not field.primary_key]
        return [
            *(field for field in kept if field.name not in self.unnamed),
            *(self.cls._meta.get_field(name) for name in self.secret),
        ]

    def _value(self, field: Any, instance: Any) -> tuple[str, Any]:
        if field.is_relation:
            return field.name, _name(getattr(instance, field.name))
        return field.name, _plain(field.to_python(getattr(instance, field.attname)))

    def _write(self, instance: Any, done: str, changes: list[dict[str, Any]]) -> None:
        person = self.get_history_user(instance)
        if person is None and self.only_people:
            return
        with translation.override("en"):  # what is kept is in one language, whoever writes it
            called = self.called(instance)[:200]
        row = getattr(instance, self.manager_name).model(
            history_date=timezone.now(),
            history_type=done,
            history_user_id=person.pk if person else None,
            history_change_reason=None if person else current_reason()[:100],
            actor=person.get_username() if person else "",
            called=called,
            at_store=instance.pk if self.store == "pk" else getattr(instance, f"{self.store}_id", None),
            changes=changes,
            **{field.attname: getattr(instance, field.attname) for field in self.fields_included(instance)},
        )
        if done == CHANGED and row.request_id and (earlier := _of_same_request(row)):
            row.pk, row.history_type = earlier.pk, earlier.history_type
            row.changes = self._together(earlier.changes, changes)
        row.save()

    def _together(self, first: list[dict[str, Any]], later: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Of each field what stood first and what stands last; of many, all that came and all that went."""
        by_name = {change["name"]: change for change in first}
        for change in later:
            before = by_name.get(change["name"], change)
            if change["name"] in self.sets:
                held = {key: sorted({*before.get(key, ()), *change.get(key, ())}) for key in ("old", "new")}
                by_name[change["name"]] = {"name": change["name"]} | {
                    key: names for key, names in held.items() if names
                }
            else:
                stood = {"old": before["old"]} if "old" in before else {}
                by_name[change["name"]] = change | stood
        return list(by_name.values())


@dataclass(frozen=True, slots=True)
class FieldChange:
    """In words. Of what was secret both sides are empty; of many, `old` are those that were taken away."""

    name: str
    old: str
    new: str
    is_set: bool = False

    def __str__(self) -> str:
        if self.is_set:
            signs = [f"− {self.old}" if self.old else "", f"+ {self.new}" if self.new else ""]
            return f"{self.name}: {', '.join(filter(None, signs))}"
        if not (self.old or self.new):
            return _("%(field)s: changed") % {"field": self.name}
        return f"{self.name}: {self.old} → {self.new}"


def in_words(model: type[Model], changes: Iterable[Mapping[str, Any]]) -> list[FieldChange]:
    """As a page shows them: fields by the names that they have in forms, choices by their labels."""
    return [_in_words(model, change) for change in changes]


def models_with_history() -> list[type[Model]]:
    return [model for model in apps.get_models() if hasattr(model._meta, "simple_history_manager_attribute")]


def history_of(model: type[Model]) -> QuerySet[Any]:
    """The rows of its history, newest first."""
    rows: QuerySet[Any] = getattr(model, model._meta.simple_history_manager_attribute).all()  # type: ignore[attr-defined]
    return rows


def records_of(model: type[Model]) -> History:
    records: History = history_of(model).model.records
    return records


def _of_same_request(row: Any) -> Any:
    earlier = type(row).objects.filter(id=row.id, request_id=row.request_id, actor=row.actor)
    return earlier.exclude(history_type=DELETED).order_by("-history_id").first()


def _in_words(model: type[Model], change: Mapping[str, Any]) -> FieldChange:
    name, old, new = change["name"], change.get("old"), change.get("new")
    try:
        field: Any = model._meta.get_field(name)
    except FieldDoesNotExist:  # of an earlier version
        return FieldChange(name, _word(None, old), _word(None, new))
    label = str(field.verbose_name)
    label = label[:1].upper() + label[1:]
    if field.many_to_many:
        return FieldChange(label, ", ".join(old or ()), ", ".join(new or ()), is_set=True)
    if change.keys() == {"name"}:
        return FieldChange(label, "", "")
    return FieldChange(label, _word(field, old), _word(field, new))


def _word(field: Any, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in (None, "", []):
        return NOTHING
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(dict(getattr(field, "flatchoices", ())).get(value, value))


def _name(row: Any) -> str | None:
    return None if row is None else str(getattr(row, "name", row))


def _plain(value: Any) -> Any:
    """As JSON holds it."""
    if value is None or isinstance(value, bool | int | list):
        return value
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
