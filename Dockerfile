# docker build -t passerelle .
# docker run -p 8080:8080 -v passerelle-data:/var/lib/passerelle --name passerelle passerelle
# docker exec passerelle cat /var/lib/passerelle/first-invitation

FROM rust:1.95-slim-bookworm AS build

# SQLite is compiled from the sources in its crate. libpq is that of Debian, which has TLS, with its OpenSSL:
# no OpenSSL is built, and Debian's security updates reach it.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpq-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /src
COPY . .
# --no-default-features: the libpq of the system. dist: the profile of what is deployed (Cargo.toml).
RUN cargo build --profile dist --locked --no-default-features


# The same Debian release as above, so that the C library matches.
FROM debian:bookworm-slim

# The certificate authorities to trust in connections to PostgreSQL (sslrootcert=system).
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libpq5 \
    && rm -rf /var/lib/apt/lists/*

# A fixed uid, so that a mounted folder can be owned by this user beforehand.
# The folder is created here because a new volume takes its owner from the image.
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin passerelle \
    && install --directory --owner=passerelle --group=passerelle --mode=0700 /var/lib/passerelle

COPY --from=build /src/target/dist/passerelle /usr/local/bin/passerelle
COPY LICENSE /usr/share/doc/passerelle/LICENSE

USER passerelle
# Inside a container, 127.0.0.1 is not reachable from outside.
ENV PASSERELLE_DATA_DIR=/var/lib/passerelle \
    PASSERELLE_LISTEN=0.0.0.0:8080
VOLUME /var/lib/passerelle
EXPOSE 8080

# Checks that the running server is ready, including its database. The image
# needs no curl for this.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["passerelle", "health"]

ENTRYPOINT ["passerelle"]
CMD ["serve"]
