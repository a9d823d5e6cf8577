# For the install.sh of the folders here: installs packages of Debian's, and ends the script with 1 where that cannot be. What is missing is
# the first argument, a sentence without its end; the packages are the others.
install_packages() {
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo "$1: that takes root and apt-get." >&2
        exit 1
    fi

    shift
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq || true
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}
