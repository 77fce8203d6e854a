"""Signed pictures: C2PA's own reader trusts them, and no key is shown anywhere."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta

import c2pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

from promo.brand.load import load_brands
from promo.errors import SecretMissing, UserMistake
from promo.visual.file.metadata import read_metadata
from promo.visual.renderer import Renderer
from promo.workspace import Workspace, WorkspaceSettings, open_workspace

KEYS = {
    "es256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "es384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ps256": lambda: rsa.generate_private_key(65537, 2048),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}


def name(common):
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Jinxiu"), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    )


def certificate(common, public, issuer, issuer_key, *, authority):
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(common))
        .issuer_name(name(issuer))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False
    )
    usage |= {"decipher_only": False, "digital_signature": not authority}
    usage |= {"key_cert_sign": authority, "crl_sign": authority}
    builder = builder.add_extension(x509.KeyUsage(**usage), critical=True)
    if not authority:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(purpose, critical=False)
    return builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def private(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@pytest.fixture
def chain():
    """Return certificate chain, private key and root for an algorithm."""

    def build(algorithm="es256"):
        root_key, key = ec.generate_private_key(ec.SECP256R1()), KEYS[algorithm]()
        root = certificate("Root", root_key.public_key(), "Root", root_key, authority=True)
        leaf = certificate("Pictures", key.public_key(), "Root", root_key, authority=False)
        return leaf + root, private(key), root

    return build


@pytest.fixture
def signing(workspace, monkeypatch):
    """Return a renderer of the workspace that signs with this chain and key."""

    def build(certificates, key, **more):
        (workspace.root / "signing.pem").write_bytes(certificates)
        monkeypatch.setenv("PICTURE_KEY", key)
        c2pa_settings = {"certificate": "signing.pem", "key": {"env": "PICTURE_KEY"}, **more}
        settings = WorkspaceSettings.model_validate({"visuals": {"c2pa": c2pa_settings}})
        signed = Workspace(workspace.root, settings, {})
        return Renderer(signed, load_brands(signed).brands, workspace.root / "cache")

    return build


def read(path, mime, root):
    settings = c2pa.Settings.from_dict({"trust": {"trust_anchors": root.decode()}, "verify": {"verify_trust": True}})
    with c2pa.Context(settings) as context, c2pa.Reader(mime, io.BytesIO(path.read_bytes()), context=context) as reader:
        return reader.get_validation_state(), json.loads(reader.json())


@pytest.mark.parametrize("algorithm", KEYS)
def test_a_signed_picture_is_trusted_by_c2pa_s_reader(chain, signing, request_for, algorithm):
    certificates, key, root = chain(algorithm)
    renderer = signing(certificates, key, algorithm=algorithm)
    visual = renderer.render(request_for())
    state, said = read(visual.path, visual.mime, root)
    assert state == "Trusted"
    manifest = said["manifests"][said["active_manifest"]]
    assert manifest["title"] == "秋季开放日"
    assert manifest["claim_generator_info"][0]["name"] == "promo"
    assert manifest["assertions"][0]["data"]["actions"][0]["digitalSourceType"].endswith("/digitalCreation")
    assert read_metadata(visual.path.read_bytes()).alt == {"zh": "邻居们在花园里种花"}
    with Image.open(visual.path) as picture:
        picture.load()
        assert picture.size == (1080, 1080)
    assert renderer.render(request_for()).sha256 == visual.sha256  # from the cache: signed once


def test_a_machine_made_photo_is_named_in_the_manifest(workspace, chain, signing, request_for):
    (workspace.asset_folder / "photos" / "credits.yaml").write_text("photos: {grey.jpg: {generated: true}}", "utf-8")
    certificates, key, root = chain()
    visual = signing(certificates, key).render(request_for())
    _state, said = read(visual.path, visual.mime, root)
    action = said["manifests"][said["active_manifest"]]["assertions"][0]["data"]["actions"][0]
    assert action["digitalSourceType"].endswith("/compositeWithTrainedAlgorithmicMedia")


def test_a_changed_picture_is_not_valid(chain, signing, request_for):
    certificates, key, root = chain()
    visual = signing(certificates, key).render(request_for())
    data = bytearray(visual.path.read_bytes())
    data[-500] ^= 0xFF
    changed = visual.path.with_suffix(".changed")
    changed.write_bytes(data)
    assert read(changed, visual.mime, root)[0] == "Invalid"


def test_the_key_may_be_a_file_or_text_on_one_line(tmp_path, chain, signing, request_for):
    certificates, key, root = chain()
    (tmp_path / "key.pem").write_text(key)
    for value in (str(tmp_path / "key.pem"), key.replace("\n", "\\n")):
        renderer = signing(certificates, value)
        renderer.cache.prune(0)
        visual = renderer.render(request_for())
        assert read(visual.path, visual.mime, root)[0] == "Trusted"


def test_signed_and_unsigned_pictures_are_kept_apart(renderer, chain, signing, request_for):
    certificates, key, _root = chain()
    assert signing(certificates, key).input_digest(request_for()) != renderer.input_digest(request_for())


@pytest.mark.parametrize("case", ["no key", "another key", "no pem", "wrong algorithm", "no certificate"])
def test_what_cannot_sign_is_one_line_without_the_key(workspace, chain, signing, request_for, case, caplog):
    certificates, key, _root = chain()
    _other, foreign, _root = chain()
    value = {"no key": "", "another key": foreign, "no pem": "hunter2-hunter2"}.get(case, key)
    chained = (
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" if case == "no certificate" else certificates
    )
    renderer = signing(chained, value, **({"algorithm": "ps256"} if case == "wrong algorithm" else {}))
    with pytest.raises((UserMistake, SecretMissing)) as caught:
        renderer.render(request_for())
    shown = f"{caught.value} {caplog.text} {renderer.signer!r} {vars(renderer.signer)!r}"
    assert "\n" not in str(caught.value)
    assert not [line for line in value.splitlines() if len(line) > 8 and "-----" not in line and line in shown]
    assert not list(workspace.root.glob("cache/**/*.*"))


def test_a_certificate_that_is_not_there_is_told_by_check(tmp_path):
    from promo.errors import ProblemsFound

    (tmp_path / "promo.yaml").write_text(
        "workspace: x\nvisuals:\n  c2pa:\n    certificate: gone.pem\n    key: {env: PICTURE_KEY}\n", "utf-8"
    )
    with pytest.raises(ProblemsFound) as caught:
        open_workspace(tmp_path)
    assert [(problem.code, problem.at.line) for problem in caught.value.problems] == [("no-such-file", 4)]
