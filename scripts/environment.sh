# Sourced by the other scripts. `environment LOCK` finds the Python environment that holds what scripts/LOCK
# names, or makes it: .venv beside the checkout or, where the checkout may not be written, a folder in the
# user's cache. Needs `set -eu` and `root`, the checkout; sets `env`, its folder, and `pycache` where compiled code
# must go elsewhere. Call it as a statement of its own: inside a condition the shell would overlook a failed step.

say() { printf '%s\n' "$@" >&2; }
fail() { printf 'frontdesk: %s\n' "$@" >&2; exit 1; }

environment() {
    lock=$root/scripts/$1
    stamp=.ready-${1%.txt}
    env=$root/.venv
    pycache=
    current && return
    if ! writable; then
        in_cache
        current && return
    fi
    find_python
    mkdir -p "$env" || fail "无法创建 $env。请检查目录权限与磁盘空间。" \
        "Cannot create $env: check its permissions and the disk."
    (prepare)
}

# The stamp is the lock as it was installed. A Python that was upgraded away leaves a dangling link behind.
current() { cmp -s "$lock" "$env/$stamp" && [ -x "$env/bin/python" ] && ! [ -e "$env/.installing" ]; }

writable() { if [ -e "$env" ]; then [ -w "$env" ]; else [ -w "$root" ]; fi; }

in_cache() {
    home=${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}
    [ -n "${XDG_CACHE_HOME:-$home}" ] || fail "$root 不可写，也没有 HOME。请设置 HOME 或 XDG_CACHE_HOME。" \
        "$root is read-only and there is no HOME: set HOME or XDG_CACHE_HOME."
    key=$(printf %s "$root" | cksum)
    env=${XDG_CACHE_HOME:-$home/.cache}/frontdesk/env-${key%% *}
    pycache=$env/pycache
}

# The interpreter behind any virtual environment or shim, by its full name: after `python3` has moved on to
# another version the link in `env` dangles, which `current` sees without starting Python.
find_python() {
    for candidate in "${FRONTDESK_PYTHON:-python3}" python3.11 python3.12 python3.13 python3.14; do
        python=$("$candidate" -I -c 'import os, sqlite3, ssl, sys, venv
sys.version_info >= (3, 11) or sys.exit(1)
print(os.path.realpath(sys._base_executable))' 2>/dev/null) && return
    done
    fail "没有找到 Python 3.11 或更高版本。Debian/Ubuntu 请运行：apt install python3 python3-pip；其他系统请安装 Python 3.11+，或用 FRONTDESK_PYTHON=路径 指明。" \
        "Python 3.11 or newer not found. Debian/Ubuntu: apt install python3 python3-pip. Elsewhere install Python 3.11+, or name it: FRONTDESK_PYTHON=PATH."
}

# Runs in a subshell, whose end lets go of the lock.
prepare() {
    unset PYTHONHOME PYTHONPATH
    umask 022
    trap 'exit 130' HUP INT TERM  # pip turns Ctrl+C into a plain failure, which is told from a cut by this
    exec 9>>"$env/.lock"
    hold_lock 'LOCK_EX | LOCK_NB' 2>/dev/null || {
        say "另一个窗口正在安装，请稍候… (waiting for another start to finish installing)"
        hold_lock LOCK_EX
    }
    current && return
    if [ -e "$env/$stamp" ]; then
        say "正在更新依赖… (updating packages)"
    else
        say "首次安装，约 1 分钟… (first start: installing, about a minute)"
    fi
    if [ -e "$env/.installing" ] || ! [ -x "$env/bin/python" ]; then
        rm -rf "${env:?}/bin" "${env:?}/include" "${env:?}/lib" "${env:?}/lib64"
        "$python" -m venv --without-pip "$env" || fail "无法创建 Python 环境 $env（原因见上）。" \
            "Cannot make the Python environment $env (see above)."
    fi
    find_pip
    # It stays behind when the installation is cut off; what pip refuses by itself leaves the environment whole.
    : >"$env/.installing"
    if ! install; then
        rm -f "$env/.installing"
        fail "依赖没有装上，pip 的说明见上。请检查网络与磁盘空间；内网请先用 pip config 指定镜像，然后重新运行。" \
            "Packages could not be installed, pip says why above. Check the network and the disk; behind a firewall name a mirror with pip config, then start again."
    fi
    put_on_path
    compile
    cp "$lock" "$env/$stamp"
    rm -f "$env/.installing"
}

# flock(1) is not everywhere; a lock that Python takes on our descriptor stays with the descriptor.
hold_lock() { "$python" -I -c "from fcntl import *; flock(9, $1)"; }

# Debian keeps ensurepip in a package of its own, so the environment borrows the system's pip through the runner that
# pip keeps for this. (Its folder can be run too, but then it takes the system's packages for installed ones.)
find_pip() {
    where='import os, pip; print(os.path.join(os.path.dirname(pip.__file__), "__pip-runner__.py"))'
    pip=$("$python" -P -c "$where" 2>/dev/null) && return
    if "$env/bin/python" -m ensurepip >/dev/null 2>&1; then
        pip=$("$env/bin/python" -P -c "$where")
    else
        fail "没有找到 pip。Debian/Ubuntu 请运行：apt install python3-pip" \
            "pip not found. Debian/Ubuntu: apt install python3-pip"
    fi
}

# Wheels only: nothing is compiled and nothing of a package runs while it is installed.
install() {
    PIP_USER=0 "$env/bin/python" "$pip" install -qq --no-input --disable-pip-version-check \
        --root-user-action=ignore --only-binary=:all: --require-hashes -r "$lock"
}

# Relative and in ASCII: a checkout may be moved, and Python reads this file in the locale's encoding.
put_on_path() {
    way=../../../..
    [ -z "$pycache" ] || { ln -sfn "$root" "$env/checkout"; way=../../../checkout; }
    for site in "$env"/lib/python3*/site-packages; do printf '%s\n' "$way" >"$site/frontdesk-checkout.pth"; done
}

# Also where PYTHONDONTWRITEBYTECODE is set: without .pyc a start takes 2.6 times as long. A file that does not
# compile is reported when it is imported, not here.
compile() {
    if [ -z "$pycache" ]; then set -- "$root/frontdesk"; else set -- "$env/lib" "$env/checkout/frontdesk"; fi
    "$env/bin/python" -I ${pycache:+-X "pycache_prefix=$pycache"} -m compileall -qq "$@" || :
}
