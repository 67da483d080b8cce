"""The built-in checks, a package for each family.

general          any letter
medical          decisions on the medical necessity of treatment
confidentiality  letters that are published
california       Independent Medical Review in California's workers' compensation
"""
