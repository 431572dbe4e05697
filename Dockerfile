# Vaxel as an image. The steps are those of `make run` (deploy/setup.sh); `make image-check` runs this very file in a
# chroot, so it keeps to FROM, WORKDIR, COPY, RUN, USER, ENV, EXPOSE, VOLUME, HEALTHCHECK and CMD.
#
# Vaxel listens on loopback until `listen:` in its configuration says otherwise, in a container too: mount your own
# folder of configuration and name it; docs/setup.md shows how.

FROM debian:bookworm-slim AS base
WORKDIR /opt/vaxel
RUN useradd --system --uid 900 --user-group --create-home --home-dir /var/lib/vaxel --shell /usr/sbin/nologin vaxel \
    && chown vaxel: /opt/vaxel
COPY deploy/setup.sh deploy/lib.sh deploy/apt-install.sh deploy/
COPY deploy/apt deploy/apt
RUN deploy/setup.sh packages run pjsua2-run && rm -rf /var/lib/apt/lists/*

FROM base AS build
RUN deploy/setup.sh packages pjsua2-build
USER vaxel
RUN deploy/setup.sh venv
COPY deploy/pjsua2 deploy/pjsua2
RUN --mount=type=cache,uid=900,gid=900,target=/var/lib/vaxel/.cache deploy/setup.sh wheel
COPY deploy/kamailio deploy/kamailio
RUN deploy/setup.sh afterfork
COPY requirements.lock .
RUN --mount=type=cache,uid=900,gid=900,target=/var/lib/vaxel/.cache deploy/setup.sh dependencies run
COPY deploy/pages.sh deploy/requirements-node.lock deploy/
COPY desk desk
RUN --mount=type=cache,uid=900,gid=900,target=/var/lib/vaxel/.cache deploy/setup.sh pages
COPY . .
RUN deploy/setup.sh project

# Without compilers; the program's files belong to root, so the program cannot change them.
FROM base
COPY --from=build /opt/vaxel /opt/vaxel
ENV PATH=/opt/vaxel/.venv/bin:/usr/local/bin:/usr/bin:/bin
USER vaxel
EXPOSE 8080/tcp 5060/udp 5060/tcp 5061/tcp
VOLUME /var/lib/vaxel
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8080/health/ready', timeout=4)"]
CMD ["vaxel", "run", "--config", "examples/malmo", "--data", "/var/lib/vaxel/data"]
