import datetime


def milliseconds(sample):
    """When a sample was measured, since 1970."""
    at = datetime.datetime.strptime(sample["timestamp"], "%Y-%m-%dT%H:%M:%S.%fZ")
    return round((at - datetime.datetime(1970, 1, 1)) / datetime.timedelta(milliseconds=1))
