"""Views of an application's traffic page that are kept by name."""

from traffic.models import SavedView

MOST_VIEWS = 50


class TooManyViews(Exception):
    """An application has MOST_VIEWS already."""


def save(application_id: int, name: str, query: str) -> None:
    """Keep a view, instead of one that has the name. Raises TooManyViews."""
    others = SavedView.objects.filter(application_id=application_id).exclude(name=name)
    if others.count() >= MOST_VIEWS:
        raise TooManyViews
    SavedView.objects.update_or_create(
        application_id=application_id, name=name, defaults={"query": query}
    )


def delete(application_id: int, name: str) -> None:
    SavedView.objects.filter(application_id=application_id, name=name).delete()
