"""What is asked of lists of alerts and of what was sent."""

from django import forms
from django.db.models import QuerySet

from alerts.models import Alert, Notification, state_choices


class AlertsForm(forms.Form):
    open = forms.NullBooleanField(required=False)
    rule = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1)

    def chosen(self, alerts: QuerySet[Alert]) -> QuerySet[Alert]:
        asked = self.cleaned_data
        if asked["open"] is not None:
            alerts = alerts.filter(end__isnull=asked["open"])
        if asked["rule"] is not None:
            alerts = alerts.filter(rule=asked["rule"])
        return alerts


class NotificationsForm(forms.Form):
    state = forms.ChoiceField(required=False, choices=state_choices)
    channel = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1)

    def chosen(self, notifications: QuerySet[Notification]) -> QuerySet[Notification]:
        asked = self.cleaned_data
        if asked["state"]:
            notifications = notifications.filter(state=asked["state"])
        if asked["channel"] is not None:
            notifications = notifications.filter(channel=asked["channel"])
        return notifications
