{
  description = "Conformance and fuzzing suite for zstd:chunked container layers";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];
      each = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
      cargo = (builtins.fromTOML (builtins.readFile ./Cargo.toml)).package;
    in
    {
      packages = each (pkgs: {
        default = pkgs.rustPlatform.buildRustPackage {
          pname = cargo.name;
          inherit (cargo) version;
          src = self;
          cargoLock.lockFile = ./Cargo.lock;
          # The tests start tools of other languages; `.ci/run` runs them.
          doCheck = false;
          nativeBuildInputs = [ pkgs.installShellFiles ];
          postInstall = ''
            $out/bin/chunkproof man -o man
            installManPage man/*.1
            installShellCompletion --cmd chunkproof \
              --bash <($out/bin/chunkproof completions bash) \
              --zsh <($out/bin/chunkproof completions zsh) \
              --fish <($out/bin/chunkproof completions fish)
          '';
          meta = {
            inherit (cargo) description;
            license = with pkgs.lib.licenses; [ asl20 mit ];
            mainProgram = "chunkproof";
          };
        };
      });
      devShells = each (pkgs: {
        default = pkgs.mkShell {
          packages = with pkgs; [ cargo rustc clippy rustfmt cargo-fuzz go nodejs python3 skopeo zstd libarchive ];
        };
      });
    };
}
