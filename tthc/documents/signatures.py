"""Detached Ed25519 signatures (RFC 8032) of files: the same key and content give the same signature."""

from __future__ import annotations

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tthc.domain.vocabulary import DomainError


def new_key() -> bytes:
    """A private key as PEM (PKCS #8), not encrypted: whoever reads the file can sign."""
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def public_key(private: bytes) -> bytes:
    """The public half of a private key, as PEM."""
    return (
        _private(private)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def fingerprint(public: bytes) -> str:
    """SHA-256 of a public key, by which two people can tell over the telephone that it is the same."""
    raw = _public(public).public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()


def sign(private: bytes, content: bytes) -> bytes:
    """The signature of a file, in base64 with a line end."""
    return base64.b64encode(_private(private).sign(content)) + b"\n"


def is_signed(public: bytes, content: bytes, signature: bytes) -> bool:
    """Whether a signature was made of this very content with the private half of a public key."""
    key = _public(public)
    try:
        key.verify(base64.b64decode(signature.strip(), validate=True), content)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _private(pem: bytes) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise DomainError("Tệp khóa ký không phải khóa riêng Ed25519 dạng PEM không đặt mật khẩu.", "key")
    return key


def _public(pem: bytes) -> Ed25519PublicKey:
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise DomainError("Tệp khóa công khai không phải khóa Ed25519 dạng PEM.", "key")
    return key
