"""What the inside may ask of the outside. Stages know these Protocols; only the command line knows who answers."""

from tidegate.ports.machine import CI, CIFacts, Clock, Crew, Done, Fact, Job, NoCrew, Workers
from tidegate.ports.repository import Blob, Entry, Files, First, Git, Message, Span
from tidegate.ports.sealing import Registry, Signed, Signer, SignerFacts, Store, Taken, Verifier
from tidegate.ports.sources import (
    Audit,
    DatabaseFacts,
    Dispute,
    PackageIndex,
    Sensed,
    Sensing,
    Sensor,
    Unaudited,
    Unevaluable,
    VulnSource,
)
from tidegate.ports.world import Deploying, World

__all__ = [
    "CI",
    "Audit",
    "Blob",
    "CIFacts",
    "Clock",
    "Crew",
    "DatabaseFacts",
    "Deploying",
    "Dispute",
    "Done",
    "Entry",
    "Fact",
    "Files",
    "First",
    "Git",
    "Job",
    "Message",
    "NoCrew",
    "PackageIndex",
    "Registry",
    "Sensed",
    "Sensing",
    "Sensor",
    "Signed",
    "Signer",
    "SignerFacts",
    "Span",
    "Store",
    "Taken",
    "Unaudited",
    "Unevaluable",
    "Verifier",
    "VulnSource",
    "Workers",
    "World",
]
