"""Tells, before anything is deployed, whether an Azure Machine Learning environment will work and is safe."""

__version__ = "0.1.0"
