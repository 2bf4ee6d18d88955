# The web app, and the command line in the same image: see docs/container.md.
#
#   docker build -t customer-segmentation-app .

# What ilk stands on. Changes seldom, so it comes first and makes a layer of its own.
FROM python:3.13-slim AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
RUN python -m venv --without-pip /opt/ilk
COPY requirements/app.txt requirements/
RUN pip --python /opt/ilk/bin/python install --no-compile --only-binary :all: \
    --require-hashes --requirement requirements/app.txt
COPY tools/slim.py tools/
RUN python tools/slim.py /opt/ilk

# ilk itself, built as a wheel with pinned tools, and tried out beside what it stands on.
FROM packages AS program
COPY requirements/build.txt requirements/
RUN pip install --require-hashes --requirement requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN pip wheel --no-build-isolation --no-deps --wheel-dir wheels . \
    && pip --python /opt/ilk/bin/python install --no-compile --no-deps --prefix /opt/program \
        wheels/*.whl \
    && cp -a /opt/program/. /opt/ilk/
# Nothing can be written where the image runs, so bytecode has to be there already; only that of
# what is used, because that of everything is half as much again.
COPY tools/try_out.py tools/
RUN HOME=/tmp PYTHONPYCACHEPREFIX=/opt/bytecode /opt/ilk/bin/python tools/try_out.py

FROM python:3.13-slim
LABEL org.opencontainers.image.title="ilk" \
    org.opencontainers.image.description="Customer segmentation that names, explains and keeps its segments" \
    org.opencontainers.image.licenses="MIT"
# Whatever caches is sent to /tmp, the one place besides the mounted folder that is written to. With
# a server address of its own, Streamlit asks nobody outside which one this machine has.
ENV PATH="/opt/ilk/bin:$PATH" \
    HOME=/tmp \
    MPLCONFIGDIR=/tmp/matplotlib \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPYCACHEPREFIX=/opt/bytecode \
    STREAMLIT_SERVER_HEADLESS=true \
    STREAMLIT_BROWSER_SERVER_ADDRESS=localhost
COPY --from=packages /opt/ilk /opt/ilk
COPY --from=program /opt/bytecode /opt/bytecode
COPY --from=program /opt/program /opt/ilk
# Anyone may write here, as into /tmp: volumes and other users (docker run --user) find it so.
RUN install -d -m 1777 /data
WORKDIR /data
# The first user of most Linux machines, whose mounted folders it can write: docs/decisions/0008.
USER 1000:1000
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from http.client import HTTPConnection as C; c = C('127.0.0.1', 8501, timeout=5); c.request('GET', '/_stcore/health'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["ilk"]
CMD ["app", "--address", "0.0.0.0"]
