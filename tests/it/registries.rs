//! A real registry on a loopback port: Debian's `docker-registry`, if it is installed.

use std::{
    env, fs,
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// `user:secret`, as htpasswd writes it with bcrypt.
const HTPASSWD: &str = "user:$2y$05$IvRFfhPK8ZuQp8qLqfl1M.CCILztkq/.0L30dGF5xxpDlA9MzHT5m\n";

/// A registry, which is killed with the test.
pub(crate) struct Registry {
    process: Child,
    pub(crate) port: u16,
    /// Its storage and configuration.
    pub(crate) folder: TempDir,
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.process.kill();
        let _ended = self.process.wait();
    }
}

impl Registry {
    /// A registry that lets everyone in, or `user` with the password `secret`. None if there is no program.
    pub(crate) fn start(password: bool) -> Option<Self> {
        let installed = Command::new("docker-registry").arg("--version").output().is_ok();
        if !installed {
            assert!(
                env::var_os("CHUNKPROOF_REQUIRE_REGISTRY").is_none(),
                "docker-registry is not installed"
            );
            eprintln!("docker-registry is not installed: this test did not run");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let root = folder.path().display();
        let mut config = format!(
            "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {root}/data\nhttp:\n  addr: 127.0.0.1:{port}\n"
        );
        if password {
            let file = folder.path().join("htpasswd");
            fs::write(&file, HTPASSWD).unwrap();
            config += &format!("auth:\n  htpasswd:\n    realm: test\n    path: {}\n", file.display());
        }
        let file = folder.path().join("config.yml");
        fs::write(&file, config).unwrap();
        let process = Command::new("docker-registry")
            .arg("serve")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let registry = Self { process, port, folder };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(start.elapsed() < Duration::from_secs(20), "the registry does not start");
            thread::sleep(Duration::from_millis(20));
        }
        Some(registry)
    }

    /// The image of this tag.
    pub(crate) fn reference(&self, tag: &str) -> String {
        format!("docker://127.0.0.1:{}/test/image:{tag}", self.port)
    }
}
