# The Debian packages that the project needs, in one place. Sourced by the other scripts.

packages="build-essential pkg-config cmake libcyaml-dev libyaml-dev libglib2.0-dev libjson-glib-dev check gnuplot-nox"
# What is only tested where it is there.
test_packages="openmpi-bin libopenmpi-dev groff-base"

# Installs those of its arguments that are missing; with sudo when not root.
install_packages() {
    local missing="" package as_root=""
    if ! command -v apt-get >/dev/null; then
        echo "No apt-get here; please see that these are installed: $*" >&2
        return
    fi
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
            missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
            echo "Missing packages:$missing. Install them as root, or install sudo." >&2
            return 1
        }
        as_root=sudo
    fi
    echo "Installing:$missing"
    # shellcheck disable=SC2086
    $as_root env DEBIAN_FRONTEND=noninteractive sh -c '
        apt-get update -q && apt-get install -q -y --no-install-recommends "$@"' sh $missing </dev/null
}

# Cores to build with.
cores() {
    nproc 2>/dev/null || echo 2
}
