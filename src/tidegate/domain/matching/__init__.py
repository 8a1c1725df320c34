"""Advisories and version orders: is this version affected?"""
